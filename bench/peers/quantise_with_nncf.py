"""Quantises a style's net as NNCF's users do: after training, by its defaults, on real pictures.

usage: quantise_with_nncf.py STYLE.onnx CLIP WIDTH HEIGHT PICTURES FILE.xml

The pictures are frames from all over the clip. What keeps its statistics from frame to frame, the
instance norms, stays in the net: NNCF knows of no shots.
"""

import json
import subprocess
import sys

import nncf
import numpy
import openvino


def frames(clip, size, count):
    """Frames [1, 3, H, W], RGB 0..1, every so many of the clip's."""
    width, height = size
    command = ["ffmpeg", "-v", "error", "-nostdin", "-i", clip, "-vf",
               f"scale={width}:{height}:flags=bicubic", "-pix_fmt", "rgb24", "-f", "rawvideo", "-"]
    data = subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout
    film = numpy.frombuffer(data, numpy.uint8).reshape(-1, height, width, 3)
    for index in numpy.linspace(0, len(film) - 1, count).astype(int):
        yield film[index].transpose(2, 0, 1)[None].astype(numpy.float32) / 255


def main(style, clip, width, height, count, target):
    pictures = list(frames(clip, (width, height), count))
    model = openvino.Core().read_model(style)
    quantised = nncf.quantize(model, nncf.Dataset(pictures), subset_size=count)
    openvino.save_model(quantised, target)
    print(json.dumps({"pictures": len(pictures), "version": nncf.__version__}))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), int(sys.argv[5]),
         sys.argv[6])

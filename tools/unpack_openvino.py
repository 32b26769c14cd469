"""Takes OpenVINO's C++ part (headers, libraries, CMake files) out of its wheel.

Left behind are the Python bindings and the readers of formats that Impasto never loads; CMake's
list of libraries is cut to match.

usage: unpack_openvino.py WHEEL FOLDER    (makes FOLDER/openvino)
"""

import pathlib
import re
import sys

from unpack_wheel import unpack

PARTS = ("openvino/include/", "openvino/libs/", "openvino/cmake/")
LEFT_OUT = re.compile(r"/libopenvino_(gguf|jax|paddle|pytorch|tensorflow|tensorflow_lite)_frontend\.")
LICENCES = ".dist-info/licenses/"


def place_for(name):
    """Where a file of the wheel goes, or None."""
    if LICENCES in name:
        return "openvino/licenses/" + name.split(LICENCES)[1]
    if name.startswith(PARTS) and not LEFT_OUT.search(name):
        return name
    return None


def cut_cmake_list(file):
    """CMake refuses a package whose files are not all there."""
    lines = file.read_text().splitlines(keepends=True)
    kept = [line for line in lines
            if not (line.startswith("list(APPEND _cmake_import_check") and is_left_out(line))]
    file.write_text("".join(kept))


def is_left_out(line):
    names = "gguf|jax|paddle|pytorch|tensorflow|tensorflow_lite"
    return re.search(rf"frontend::({names})\b", line) is not None


def main(wheel, folder):
    folder = pathlib.Path(folder)
    unpack(wheel, folder, place_for)
    cut_cmake_list(folder / "openvino/cmake/OpenVINOTargets-release.cmake")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

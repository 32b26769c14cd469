"""Takes OpenVINO's C++ part (headers, libraries, CMake files) out of its wheel.

Left behind are the Python bindings and the readers of formats that Impasto never loads; CMake's
list of libraries is cut to match.

usage: unpack_openvino.py WHEEL FOLDER    (makes FOLDER/openvino)
"""

import os
import pathlib
import re
import sys
import time
import zipfile

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
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            place = place_for(info.filename)
            if place is None or info.is_dir():
                continue
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(info))
            # The wheel's own times, so that unpacking it again does not make every object stale.
            made = time.mktime((*info.date_time, 0, 0, -1))
            os.utime(target, (made, made))
    cut_cmake_list(folder / "openvino/cmake/OpenVINOTargets-release.cmake")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

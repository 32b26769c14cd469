"""Takes Apache Arrow's file systems (C++ headers, two libraries) out of its Python wheel.

usage: unpack_arrow.py WHEEL FOLDER    (makes FOLDER/arrow)
"""

import pathlib
import re
import sys

from unpack_wheel import unpack

LIBRARIES = re.compile(r"pyarrow/(libarrow(?:_s3)?\.so\.\d+)")
HEADERS = "pyarrow/include/arrow/"
LICENCES = ".dist-info/licenses/"


def place_for(name):
    """Where a file of the wheel goes, or None."""
    if LICENCES in name:
        return "arrow/licenses/" + name.split(LICENCES)[1]
    if name.startswith(HEADERS):
        return "arrow/include/" + name[len("pyarrow/include/"):]
    library = LIBRARIES.fullmatch(name)
    return f"arrow/lib/{library[1]}" if library else None


def main(wheel, folder):
    folder = pathlib.Path(folder)
    unpack(wheel, folder, place_for)
    for library in (folder / "arrow/lib").iterdir():  # the names that a linker looks for
        plain = library.name.split(".so")[0] + ".so"
        (folder / "arrow/lib" / plain).symlink_to(library.name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

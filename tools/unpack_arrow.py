"""Takes Apache Arrow's file systems (C++ headers, two libraries) out of its Python wheel.

usage: unpack_arrow.py WHEEL FOLDER    (makes FOLDER/arrow)
"""

import os
import pathlib
import re
import sys
import time
import zipfile

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
    for library in (folder / "arrow/lib").iterdir():  # the names that a linker looks for
        (folder / "arrow/lib" / library.name.split(".so")[0]).with_suffix(".so").symlink_to(library.name)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])

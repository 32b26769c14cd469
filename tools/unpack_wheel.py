"""What tools/unpack_*.py share: taking a part of a wheel's files out of it."""

import os
import pathlib
import time
import zipfile


def unpack(wheel, folder, place_for):
    """Puts each file of a wheel under `folder` where `place_for(name)` says; None leaves it out."""
    with zipfile.ZipFile(wheel) as archive:
        for info in archive.infolist():
            place = place_for(info.filename)
            if place is None or info.is_dir():
                continue
            target = pathlib.Path(folder) / place
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(archive.read(info))
            # The wheel's own times, so that unpacking it again does not make every object stale.
            made = time.mktime((*info.date_time, 0, 0, -1))
            os.utime(target, (made, made))

"""Closed captions (CEA-608/708, ATSC A/53) inside H.264, put in and read out by hand."""

import re


def nal_units(stream):
    """The NAL units of an Annex B stream."""
    starts = [match.end() for match in re.finditer(b"\x00\x00\x01", stream)] + [len(stream) + 3]
    units = [stream[a:b - 3] for a, b in zip(starts, starts[1:])]
    return [unit.rstrip(b"\x00") if i + 1 < len(units) else unit for i, unit in enumerate(units)]


def caption_message(triple):
    """An SEI NAL unit that holds one caption triple."""
    body = b"\xb5\x00\x31GA94\x03" + bytes([0x41, 0xFF]) + triple + b"\xff"
    return b"\x06\x04" + bytes([len(body)]) + body + b"\x80"


def with_captions(stream, triples):
    """The stream with one caption before each picture (one slice a picture)."""
    out, left = [], list(triples)
    for unit in nal_units(stream):
        if unit[0] & 0x1F in (1, 5) and left:
            out.append(caption_message(left.pop(0)))
        out.append(unit)
    return b"".join(b"\x00\x00\x00\x01" + unit for unit in out)


def captions_in(stream):
    """All caption triples of an Annex B stream, in the order of the stream."""
    found = []
    for unit in nal_units(stream):
        at = unit.find(b"GA94\x03") if unit[0] & 0x1F == 6 else -1
        if at >= 0:
            count = unit[at + 5] & 0x1F
            data = unit[at + 7:at + 7 + 3 * count]
            found += [data[i:i + 3] for i in range(0, len(data), 3)]
    return found

"""Clips with everything that a container can hold beside the film."""

from support import H264, ffmpeg, lavfi, picture, sound

SUBRIP = """1
00:00:00,100 --> 00:00:00,400
First <i>line</i>, with ümlauts

2
00:00:00,500 --> 00:00:00,900
Second line
and its second half
"""

ASS = """[Script Info]
ScriptType: v4.00+
PlayResX: 64
PlayResY: 48

[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, SecondaryColour, OutlineColour, BackColour, Bold, \
Italic, Underline, StrikeOut, ScaleX, ScaleY, Spacing, Angle, BorderStyle, Outline, Shadow, \
Alignment, MarginL, MarginR, MarginV, Encoding
Style: Default,Vollkorn,12,&H00FFFFFF,&H000000FF,&H00000000,&H00000000,0,0,0,0,100,100,0,0,1,1,0,2,\
2,2,2,1

[Events]
Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text
Dialogue: 0,0:00:00.20,0:00:00.60,Default,,0,0,0,,{\\pos(20,20)}Placed
"""

CHAPTERS = """;FFMETADATA1
title=A film of bars
artist=Nobody
comment=made for a test
date=1889
PERIOD=Arles
[CHAPTER]
TIMEBASE=1/1000
START=0
END=400
title=Morning
[CHAPTER]
TIMEBASE=1/1000
START=400
END=1000
title=Evening
"""


def cover(folder, kind="png"):
    path = folder / f"cover.{kind}"
    ffmpeg(*lavfi("smptebars=s=40x40"), "-frames:v", "1", path)
    return path


def written(folder, name, text):
    path = folder / name
    if isinstance(text, bytes):
        path.write_bytes(text)
    else:
        path.write_text(text)
    return path


def font(folder):
    """Bytes that look like a font's; nobody draws with them."""
    return written(folder, "font.ttf", b"\x00\x01\x00\x00" + bytes(range(256)) * 8)


def matroska(folder, name="rich.mkv"):
    """Film, AAC (eng), Opus (deu, commentary), SubRip, ASS, a font, a cover, chapters, tags."""
    path = folder / name
    ffmpeg(*picture(), *sound(440), *sound(660),
           "-i", written(folder, "text.srt", SUBRIP), "-i", written(folder, "text.ass", ASS),
           "-i", written(folder, "chapters.txt", CHAPTERS), "-t", "1",
           "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "4", "-map_metadata", "5",
           "-map_chapters", "5", *H264, "-c:a:0", "aac", "-c:a:1", "libopus", "-c:s:0", "subrip",
           "-c:s:1", "ass", "-attach", font(folder), "-metadata:s:t:0",
           "mimetype=application/x-truetype-font", "-attach", cover(folder), "-metadata:s:t:1",
           "mimetype=image/png", "-metadata:s:t:1", "filename=cover.png",
           "-metadata:s:v:0", "title=The film", "-metadata:s:v:0", "language=fra",
           "-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=Original",
           "-metadata:s:a:1", "language=deu", "-metadata:s:a:1", "title=Kommentar",
           "-metadata:s:a:1", "MOOD=calm", "-metadata:s:s:0", "language=spa",
           "-metadata:s:s:0", "title=Español",
           "-disposition:a:0", "original", "-disposition:a:1", "default+comment",
           "-disposition:s:0", "forced", "-disposition:s:1", "hearing_impaired", path)
    return path


def mp4(folder, name="rich.mp4"):
    """Film, AAC (eng), AC-3 (deu), a timed text, a cover, chapters, tags."""
    path = folder / name
    ffmpeg(*picture(), *sound(440), *sound(660),
           "-i", written(folder, "text.srt", SUBRIP),
           "-i", written(folder, "chapters.txt", CHAPTERS), "-i", cover(folder, "jpg"), "-t", "1",
           "-map", "0", "-map", "1", "-map", "2", "-map", "3", "-map", "5", "-map_metadata", "4",
           "-map_chapters", "4", *H264, "-c:v:1", "copy", "-c:a:0", "aac", "-c:a:1", "ac3",
           "-c:s", "mov_text", "-disposition:v:1", "attached_pic", "-disposition:a:1", "0",
           "-metadata:s:a:0", "language=eng", "-metadata:s:a:0", "title=Original",
           "-metadata:s:a:1", "language=deu", "-metadata:s:s:0", "language=spa", path)
    return path


def broadcast(folder, name="rich.ts"):
    """Film, AAC (eng), MP2 (deu) and private data in a transport stream with a service's name."""
    path = folder / name
    data = written(folder, "data.bin", bytes(range(256)) * 12)
    ffmpeg(*picture(), *sound(440), *sound(660), "-f", "data", "-i", data, "-t", "1",
           "-map", "0", "-map", "1", "-map", "2", "-map", "3", *H264, "-c:a:0", "aac",
           "-c:a:1", "mp2", "-c:d", "copy", "-metadata:s:a:0", "language=eng",
           "-metadata:s:a:1", "language=deu", "-metadata", "service_name=Night sky",
           "-metadata", "service_provider=Nobody", path)
    return path

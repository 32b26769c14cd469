"""Everything beside the film comes over: packets bit for bit, and what is said about them."""

import re
import unittest

import rich_clips
from support import (BAD_INPUT, H264, STYLE, Story, about, ffmpeg, film, frame_times, hashes,
                     packets, picture, probe, run, sound, streams)


def tags(stream):
    """What a stream is tagged with, in lower case, without what belongs to its file."""
    own = ("encoder", "duration", "handler_name", "vendor_id", "filename", "mimetype")
    return {key.lower(): value for key, value in stream.get("tags", {}).items()
            if key.lower() not in own and not key.startswith(("BPS", "NUMBER_OF", "_STAT"))}


def dispositions(stream):
    return {name for name, value in stream["disposition"].items() if value}


class Streams(Story):

    def same_others(self, source, target, report, kinds=("audio", "subtitle"), tagged=True):
        """Every other stream's packets, times, tags and dispositions."""
        for kind in kinds:
            before, after = streams(source, kind), streams(target, kind)
            self.assertEqual([one["codec_name"] for one in before],
                             [one["codec_name"] for one in after])
            for old, new in zip(before, after):
                with self.subTest(stream=old["index"], codec=old["codec_name"]):
                    self.same_packets(source, target, old["index"], new["index"])
                    self.same_offsets(source, target, [(old["index"], new["index"])])
                    self.assertTrue(self.check_in(report, old["index"])["equal"])
                    self.assertEqual(self.check_in(report, old["index"])["fate"], "copied")
                    if tagged:
                        self.assertEqual(tags(new), tags(old))
                        self.assertEqual(dispositions(new), dispositions(old))

    def same_chapters(self, source, target):
        """By their titles, and by where they lie against the film."""
        def told(path):
            first = frame_times(path)[0]
            return [(one["tags"]["title"], float(one["start_time"]) - first,
                     float(one["end_time"]) - first) for one in about(path)["chapters"]]
        before, after = told(source), told(target)
        self.assertTrue(before)
        self.assertEqual([one[0] for one in after], [one[0] for one in before])
        for one, other in zip(before, after):
            for old, new in zip(one[1:], other[1:]):
                # No chapter can begin before its file does.
                self.assertLessEqual(min(abs(new - old), abs(new - max(old, 0))), 0.0011,
                                     f"{before} {after}")

    def same_file_tags(self, source, target):
        def told(path):
            own = ("encoder", "major_brand", "minor_version", "compatible_brands", "creation_time")
            return {key.lower(): value for key, value in about(path)["format"]["tags"].items()
                    if key.lower() not in own}
        self.assertTrue(told(source))
        self.assertEqual(told(target), told(source))

    def extracted(self, path, index):
        """An attachment's bytes."""
        file = self.folder / f"{path.stem}-{index}.attachment"
        run(["ffmpeg", "-v", "error", "-nostdin", "-y", f"-dump_attachment:{index}", file, "-i",
             path, "-map", "0:v:0", "-frames:v", "1", "-f", "null", "-"])
        return file.read_bytes()

    # -- Matroska -------------------------------------------------------------------------------

    def test_matroska_keeps_everything(self):
        source = rich_clips.matroska(self.folder)
        painted, report = self.paint(source, "rich.mkv", "--strict")
        self.same_frames(source, painted, report)
        self.same_others(source, painted, report)
        self.same_chapters(source, painted)
        self.same_file_tags(source, painted)
        self.assertEqual(tags(film(painted)), tags(film(source)))
        self.assertEqual(report["losses"], [])

        kept = streams(painted, "attachment")
        self.assertEqual([one["tags"]["filename"] for one in kept], ["font.ttf"])
        self.assertEqual(kept[0]["tags"]["mimetype"], "application/x-truetype-font")
        self.assertEqual(self.extracted(painted, kept[0]["index"]),
                         (self.folder / "font.ttf").read_bytes())
        covers = [one for one in streams(painted, "video") if one["disposition"]["attached_pic"]]
        self.assertEqual([one["codec_name"] for one in covers], ["png"])
        self.assertEqual(hashes(painted, covers[0]["index"]),
                         [hashes(source, one["index"])[0] for one in streams(source, "video")
                          if one["disposition"]["attached_pic"]])

    def test_matroska_keeps_sound_that_starts_before_the_film(self):
        source = self.folder / "early.mkv"
        ffmpeg("-itsoffset", "0.3", *picture(), *sound(), "-t", "1", *H264, "-c:a", "flac", source)
        painted, report = self.paint(source, "early.mkv")
        self.same_frames(source, painted, report)
        self.same_others(source, painted, report)

    def test_matroska_keeps_every_kind_of_sound(self):
        for codec in ("aac", "ac3", "eac3", "flac", "libmp3lame", "libopus", "libvorbis",
                      "pcm_s16le", "mp2"):
            with self.subTest(codec=codec):
                source = self.film_with_sound(f"{codec}.mkv", audio=codec, seconds=0.6)
                painted, report = self.paint(source, f"{codec}.mkv")
                self.same_frames(source, painted, report)
                self.same_others(source, painted, report)

    def test_matroska_takes_over_what_mp4_holds(self):
        source = rich_clips.mp4(self.folder)
        painted, report = self.paint(source, "from.mp4.mkv")
        self.same_frames(source, painted, report)
        self.same_others(source, painted, report, kinds=("audio",), tagged=False)
        self.same_chapters(source, painted)
        self.assertEqual([tags(one).get("language") for one in streams(painted, "audio")],
                         ["eng", "deu"])
        covers = [one for one in streams(painted, "video") if one["disposition"]["attached_pic"]]
        self.assertEqual(len(covers), 1)
        subtitles = streams(painted, "subtitle")
        self.assertEqual(len(subtitles), 1)
        shown = run(["ffmpeg", "-v", "error", "-i", painted, "-map", "0:s:0", "-f", "srt", "-"])
        self.assertIn("ümlauts", shown.decode())

    # -- mp4, mov -------------------------------------------------------------------------------

    def test_mp4_keeps_everything(self):
        source = rich_clips.mp4(self.folder)
        for end in ("mp4", "mov", "m4v"):
            with self.subTest(end=end):
                painted, report = self.paint(source, "rich." + end)
                self.same_frames(source, painted, report)
                self.same_others(source, painted, report, tagged=(end == "mp4"))
                self.same_chapters(source, painted)
                if end == "mp4":
                    self.same_file_tags(source, painted)
                    covers = [one for one in streams(painted, "video")
                              if one["disposition"]["attached_pic"]]
                    self.assertEqual(len(covers), 1)
                    old = [one for one in streams(source, "video")
                           if one["disposition"]["attached_pic"]]
                    self.same_packets(source, painted, old[0]["index"], covers[0]["index"])
                    self.assertEqual(report["losses"], [])

    def test_mp4_is_strict_about_nothing_when_nothing_is_lost(self):
        source = rich_clips.mp4(self.folder)
        self.paint(source, "rich.mp4", "--strict")

    def test_mp4_says_first_what_it_cannot_hold(self):
        source = rich_clips.matroska(self.folder)
        painted, report = self.paint(source, "from.mkv.mp4", "--progress", "plain")
        said = self.last.err
        for word in ("subrip", "mov_text", "font.ttf|attachment|ttf", "mp4"):
            self.assertRegex(said, word)
        first_progress = re.search(r"\d+/\d+ frames", said)
        if first_progress is not None:
            for word in ("subrip", "cannot be held"):
                self.assertLess(said.index(word), first_progress.start())
        self.assertTrue(report["losses"])
        self.same_frames(source, painted, report)
        for old, new in zip(streams(source, "audio"), streams(painted, "audio")):
            self.same_packets(source, painted, old["index"], new["index"])
            self.same_offsets(source, painted, [(old["index"], new["index"])])
            self.assertEqual(tags(new)["language"], tags(old)["language"])
        shown = run(["ffmpeg", "-v", "error", "-i", painted, "-map", "0:s:0", "-f", "srt", "-"])
        for words in ("First <i>line</i>, with ümlauts", "Second line"):
            self.assertIn(words, shown.decode())
        old, new = (streams(path, "subtitle")[0]["index"] for path in (source, painted))
        start = [frame_times(path)[0] for path in (source, painted)]
        spoken = [packet for packet in packets(painted)[new] if int(packet["size"]) > 2]
        for one, other in zip(packets(source)[old], spoken, strict=True):
            for key in ("pts_time", "duration_time"):
                moved = start if key == "pts_time" else (0, 0)
                self.assertAlmostEqual(float(other[key]) - moved[1], float(one[key]) - moved[0],
                                       delta=0.0011)
        self.assertEqual([tags(one).get("language") for one in streams(painted, "subtitle")][:1],
                         ["spa"])
        fate = self.check_in(report, streams(source, "subtitle")[0]["index"])["fate"]
        self.assertEqual(fate, "converted")
        self.same_chapters(source, painted)
        # The cover has a place in mp4; the font has none.
        self.assertEqual(len([one for one in streams(painted, "video")
                              if one["disposition"]["attached_pic"]]), 1)

    def test_strict_refuses_what_the_container_cannot_hold(self):
        source = rich_clips.matroska(self.folder)
        for end in ("mp4", "mov", "webm", "ts"):
            with self.subTest(end=end):
                sentence = self.refuse(BAD_INPUT, source, "--style", STYLE, "-o",
                                       self.outputs / f"strict.{end}", "--strict")
                self.assertIn("--strict", sentence)

    def test_mov_keeps_its_timecode(self):
        source = self.folder / "tc.mov"
        ffmpeg(*picture(), *sound(), "-timecode", "01:02:03:04", "-t", "0.8", *H264, "-c:a",
               "pcm_s16le", source)
        for end in ("mov", "mp4"):
            with self.subTest(end=end):
                painted, report = self.paint(source, "tc." + end)
                self.same_frames(source, painted, report)
                data = streams(painted, "data")
                self.assertEqual([one["codec_tag_string"] for one in data], ["tmcd"])
                self.assertEqual(data[0]["tags"]["timecode"], "01:02:03:04")
                self.assertEqual(film(painted)["tags"]["timecode"], "01:02:03:04")
                if end == "mov":
                    self.same_others(source, painted, report, kinds=("audio",))

    def test_mp4_keeps_two_films(self):
        """The first is painted; the other is a stream like any other."""
        source = self.folder / "two.mp4"
        ffmpeg(*picture(), *picture("32x32", kind="smptebars"), *sound(), "-map", "0", "-map", "1",
               "-map", "2", "-t", "0.8", *H264, "-c:a", "aac", source)
        painted, report = self.paint(source, "two.mp4")
        self.assertIn("video", self.last.err)
        self.same_frames(source, painted, report)
        self.same_packets(source, painted, 1, 1)
        self.same_packets(source, painted, 2, 2)

    # -- broadcasts -----------------------------------------------------------------------------

    def test_broadcast_keeps_everything(self):
        source = rich_clips.broadcast(self.folder)
        painted, report = self.paint(source, "rich.ts")
        self.same_frames(source, painted, report)
        self.same_others(source, painted, report, kinds=("audio", "data"))
        service = [{key: value for key, value in one["tags"].items()} for one in
                   probe(painted, "-show_programs")["programs"]]
        self.assertEqual(service, [{"service_name": "Night sky", "service_provider": "Nobody"}])

    def test_mp4_unwraps_a_broadcasts_sound(self):
        source = self.film_with_sound("adts.ts")
        for end in ("mp4", "mkv", "mov"):
            with self.subTest(end=end):
                painted, report = self.paint(source, "adts." + end)
                self.same_frames(source, painted, report)
                self.same_offsets(source, painted)
                check = self.check_in(report, streams(source, "audio")[0]["index"])
                self.assertEqual(check["fate"], "unwrapped")
                self.assertTrue(check["equal"])
                # The oracle unwraps with ffmpeg's own filter.
                reference = self.folder / f"reference.{end}"
                ffmpeg("-i", source, "-map", "0:a", "-c", "copy", "-bsf:a", "aac_adtstoasc",
                       reference)
                self.assertEqual(hashes(painted, streams(painted, "audio")[0]["index"]),
                                 hashes(reference, 0))

    def test_broadcast_takes_over_what_mp4_holds(self):
        source = self.folder / "in.mp4"
        ffmpeg(*picture(), *sound(), *sound(660), "-map", "0", "-map", "1", "-map", "2", "-t",
               "0.8", *H264, "-c:a:0", "aac", "-c:a:1", "ac3", "-metadata:s:a:0", "language=eng",
               "-metadata:s:a:1", "language=deu", source)
        painted, report = self.paint(source, "out.ts")
        self.same_frames(source, painted, report)
        self.same_offsets(source, painted)
        self.assertEqual([tags(one).get("language") for one in streams(painted, "audio")],
                         ["eng", "deu"])
        self.same_packets(source, painted, 2, 2)
        # AAC wears an ADTS header there; what the decoder gets is the same.
        reference = self.folder / "reference.ts"
        ffmpeg("-i", source, "-map", "0:a:0", "-c", "copy", reference)
        self.assertEqual(hashes(painted, 1), hashes(reference, 0))

    def test_broadcasts_data_goes_where_it_can_be_held(self):
        source = rich_clips.broadcast(self.folder)
        painted, report = self.paint(source, "data.mp4")
        self.same_packets(source, painted, 3, 3)
        self.assertEqual(report["losses"], [])
        _, report = self.paint(source, "data.mkv")
        self.assertRegex(self.last.err, "data stream 3")
        self.assertTrue(any("data stream 3" in loss for loss in report["losses"]))
        self.assertEqual(self.check_in(report, 3)["fate"], "dropped")
        self.refuse(BAD_INPUT, source, "--style", STYLE, "-o", self.outputs / "strict.mkv",
                    "--strict", left=["data.mp4", "data.mkv"], says="data stream 3")

    def test_mp4_names_the_sound_that_it_cannot_hold(self):
        source = self.film_with_sound("pcm.mkv", audio="pcm_s16le")
        painted, report = self.paint(source, "pcm.mp4")
        self.assertRegex(self.last.err, r"audio stream 1 \(pcm_s16le\).*mp4")
        self.assertEqual(self.check_in(report, 1)["fate"], "dropped")
        self.assertEqual(streams(painted, "audio"), [])
        self.same_frames(source, painted, report)

    # -- the report -----------------------------------------------------------------------------

    def test_report_counts_and_hashes_as_ffprobe_does(self):
        source = rich_clips.matroska(self.folder)
        painted, report = self.paint(source, "rich.mkv")
        for kind in ("audio", "subtitle"):
            for stream in streams(source, kind):
                check = self.check_in(report, stream["index"])
                count = len(packets(source)[stream["index"]])
                self.assertEqual((check["packets_in"], check["packets_out"]), (count, count))
                self.assertEqual(check["md5_in"], check["md5_out"])
                self.assertRegex(check["md5_in"], "^[0-9a-f]{32}$")
                self.assertLessEqual(abs(check["offset_change_ms"]), 1.0)
        self.assertEqual(report["frames"]["in"], len(frame_times(painted)))


if __name__ == "__main__":
    unittest.main()

#include "cli/paint_arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/checks.h"
#include "job/option_words.h"
#include "job/timecode.h"

namespace impasto::cli {
namespace {

/// One style throughout, or several over time; not both and not neither.
void read_styles(PaintArguments& arguments) {
  job::PaintOptions& options = arguments.options;
  if (options.style.empty() == arguments.style_at.empty()) {
    throw Error(ExitCode::usage,
                options.style.empty()
                    ? "what to paint in is missing: --style takes a style or a picture of a "
                      "painting, --style-at several over time"
                    : "--style and --style-at exclude each other; write 0:STYLE first in "
                      "--style-at");
  }
  if (!arguments.style_at.empty()) {
    options.style_keys = job::parse_style_keys(arguments.style_at);
  } else if (!arguments.style_fade.empty()) {
    throw Error(ExitCode::usage, "--style-fade goes with --style-at, which is not there");
  }
  if (!arguments.style_fade.empty()) {
    options.style_fade = job::parse_style_fade(arguments.style_fade);
  }
}

void add_picture_options(CLI::App& command, PaintArguments& arguments) {
  job::PaintOptions& options = arguments.options;
  command.add_option("--size", options.size,
                     "Paint at this size: 1280x720, or 720p (the shape stays)");
  command
      .add_option("--stroke", arguments.stroke,
                  "Breadth of the brush: 0.25 (fine) to 4 (broad), the same in every size of "
                  "frame; native: as the style has it in pixels")
      ->capture_default_str();
  command.add_option("--strength", options.mix.strength, "0 is the source, 1 the painting")
      ->check(in_range(0.0, 1.0));
  command.add_flag("--keep-colour,--keep-color", options.mix.keep_colour,
                   "Brush of the painting, colours of the source");
  command.add_option("--start", arguments.start, "Begin here: seconds or [HH:]MM:SS.mmm");
  command.add_option("--duration", arguments.duration,
                     "Paint this long: seconds or [HH:]MM:SS.mmm");
}

void add_encoding_options(CLI::App& command, PaintArguments& arguments) {
  media::EncodeOptions& encode = arguments.options.encode;
  command.add_option("--codec", encode.codec, "h264, hevc, av1, vp9, ffv1 or prores")
      ->default_str("h264; vp9 for .webm");
  command.add_option("--quality", arguments.quality, "The codec's own scale (h264: 0 best to 51)");
  command.add_option("--preset", encode.preset,
                     "The encoder's speed (h264: ultrafast ... placebo)");
}

void add_running_options(CLI::App& command, PaintArguments& arguments) {
  job::PaintOptions& options = arguments.options;
  command.add_option("--device", options.device, "Where to paint; 'impasto doctor' lists devices")
      ->capture_default_str();
  command.add_option("--precision", options.precision, "auto, f32, bf16 or int8")
      ->capture_default_str();
  command.add_flag("--live-norm", options.live_norm,
                   "Paint every frame by its own statistics, not by its shot's");
  command
      .add_option("--stability", arguments.stability,
                  "Steady over time, along the source's motion: off, low, high or 0 to 10")
      ->capture_default_str();
  command
      .add_option("--tile", options.tile,
                  "Paint large frames in tiles: auto, a side in pixels, off")
      ->capture_default_str();
  command.add_option("--threads", options.threads, "CPU threads; 0: all")
      ->check(thread_count())
      ->capture_default_str();
  command.add_flag("--overwrite", options.overwrite, "Replace outputs that are there");
  command.add_flag("--strict", options.strict, "Refuse where anything would be lost");
}

void add_style_options(CLI::App& command, PaintArguments& arguments) {
  command.add_option(
      "--style", arguments.options.style,
      "A style's name or .onnx file, a picture of a painting, or a mix: a:0.7,b:0.3");
  command.add_option("--style-at", arguments.style_at,
                     "Styles over time: 0:FIRST,12s:SECOND,1:02:03:THIRD");
  command
      .add_option("--style-fade", arguments.style_fade,
                  "How they change: seconds, cut, continuous or shot (at the next cut)")
      ->default_str("2");
}

}  // namespace

void add_paint_options(CLI::App& command, PaintArguments& arguments) {
  add_style_options(command, arguments);
  add_picture_options(command, arguments);
  add_encoding_options(command, arguments);
  add_running_options(command, arguments);
}

void read_paint_options(PaintArguments& arguments) {
  job::PaintOptions& options = arguments.options;
  read_styles(arguments);
  options.encode.quality = arguments.quality;
  options.stability = job::parse_stability(arguments.stability);
  options.stroke = job::parse_stroke(arguments.stroke);
  if (!arguments.start.empty()) {
    options.start = job::parse_time(arguments.start);
  }
  if (!arguments.duration.empty()) {
    options.duration = job::parse_time(arguments.duration);
    if (options.duration->count() == 0) {
      throw Error(ExitCode::usage, "--duration 0 leaves nothing to paint; choose a longer one");
    }
  }
}

}  // namespace impasto::cli

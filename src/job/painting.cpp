#include "job/painting.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <memory>
#include <variant>

#include "base/error.h"
#include "base/picture.h"
#include "media/colour.h"
#include "media/reader.h"
#include "store/store.h"

namespace impasto::job {
namespace {

constexpr int kShortSide = 448;
constexpr int kLongest = 2;     // times the short side
constexpr int kLeastSide = 32;  // pixels; there are no strokes in less

[[noreturn]] void refuse(const std::string& file, const std::string& why) {
  throw Error(ExitCode::bad_input, fmt::format("no style can be read off '{}': {}", file, why));
}

std::unique_ptr<media::Reader> open(const std::string& file) {
  media::ReaderOptions options;
  options.frames_only = true;
  options.refuse_damage = true;
  const std::shared_ptr<store::Source> source = store::for_uri(file).open(file);
  if (source->size() == 0) {
    refuse(file, "it is empty; copy it again");
  }
  try {
    return std::make_unique<media::Reader>(source, options);
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_input) {
      throw;
    }
    refuse(file,
           "it is no picture that can be decoded whole (no picture at all, damaged, cut off, "
           "or of more than 250 megapixels); copy it again or save it anew as PNG");
  }
}

/// The only frame of a picture, whole.
media::FramePtr picture_of(const std::string& file) {
  const std::unique_ptr<media::Reader> reader = open(file);
  int frames = 0;
  media::ReadItem item = reader->next();
  for (; std::holds_alternative<media::FramePtr>(item) && frames < 2; item = reader->next()) {
    ++frames;
  }
  if (frames > 1) {
    refuse(file,
           "it is a video, and a style is read off a picture; save one of its frames and "
           "give that");
  }
  if (reader->counts().concealed > 0 || reader->counts().undecodable > 0) {
    refuse(file, "it is damaged or cut off; copy it again");
  }
  return media::share(reader->first_frame());
}

/// Pixels to cut off each end of a side, so that it is no longer than it is taken.
std::size_t ends_of(int side, int other) {
  constexpr int kWhole = 8;  // no chroma is coarser
  const int steps = std::max(0, side - kLongest * other) / 2 / kWhole;
  return std::size_t{kWhole} * static_cast<std::size_t>(steps);
}

/// Cuts the ends off what is longer than it is taken, evenly, so that chroma stays in place.
void crop_to_middle(AVFrame& frame) {
  frame.crop_left = ends_of(frame.width, frame.height);
  frame.crop_right = frame.crop_left;
  frame.crop_top = ends_of(frame.height, frame.width);
  frame.crop_bottom = frame.crop_top;
  av_frame_apply_cropping(&frame, AV_FRAME_CROP_UNALIGNED);
}

/// Size with square pixels and the short side as it is taken.
Size reading_size(const AVFrame& frame) {
  const AVRational aspect = frame.sample_aspect_ratio;
  const double stretch = aspect.num > 0 && aspect.den > 0 ? av_q2d(aspect) : 1.0;
  const double width = frame.width * stretch;
  const double scale = kShortSide / std::min<double>(width, frame.height);
  const auto length = [&](double side) {
    const auto scaled = static_cast<int>(std::lround(std::min(side * scale, 1e6)));
    return std::clamp(scaled, kShortSide, kLongest * kShortSide);
  };
  return {length(width), length(frame.height)};
}

}  // namespace

engine::Tensor read_painting(const std::string& file) {
  const media::FramePtr frame = picture_of(file);
  if (std::min(frame->width, frame->height) < kLeastSide) {
    refuse(file, fmt::format("its {}x{} pixels show no strokes; take a larger picture of it",
                             frame->width, frame->height));
  }
  crop_to_middle(*frame);
  Picture picture(reading_size(*frame));
  media::ColourConverter converter;
  converter.to_picture(*frame, picture);
  const auto [width, height] = picture.size();
  engine::Tensor tensor{{1, 3, height, width}, {}};
  tensor.values.reserve(static_cast<std::size_t>(3) * height * width);
  for (int channel = 0; channel < 3; ++channel) {
    for (int y = 0; y < height; ++y) {
      const float* row = picture.plane(channel) + static_cast<std::size_t>(y) * picture.stride();
      std::transform(row, row + width, std::back_inserter(tensor.values),
                     [](float value) { return std::clamp(value, 0.0F, 1.0F); });
    }
  }
  return tensor;
}

}  // namespace impasto::job

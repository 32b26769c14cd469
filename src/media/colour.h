#pragma once

#include <memory>

#include "base/picture.h"
#include "base/size.h"
#include "media/av.h"

namespace impasto::media {

/// How code values are to be read as colours.
struct Colour {
  AVColorRange range = AVCOL_RANGE_UNSPECIFIED;
  AVColorSpace matrix = AVCOL_SPC_UNSPECIFIED;
  AVColorPrimaries primaries = AVCOL_PRI_UNSPECIFIED;
  AVColorTransferCharacteristic transfer = AVCOL_TRC_UNSPECIFIED;
  AVChromaLocation chroma_location = AVCHROMA_LOC_UNSPECIFIED;

  friend bool operator==(const Colour&, const Colour&) = default;
};

/// What a frame is tagged with.
Colour colour_of(const AVFrame& frame);
/// Tags a frame.
void tag(AVFrame& frame, const Colour& colour);
/// Fills in what is unspecified, by the field's conventions: RGB is full range; YUV is limited
/// range, BT.709 above 576 lines or 1024 columns and BT.601 below.
Colour resolved(Colour colour, AVPixelFormat format, Size size);

/// The size with the last odd column and line made even where `format` shares chroma between them.
Size even_for(AVPixelFormat format, Size size);

/// Converts between coded frames (planar YUV, RGB or grey, 8 to 16 bits) and float RGB pictures,
/// with the matrix, range and chroma siting that the frame is tagged with, by zimg. The transfer
/// curve is left as it is: painting happens in the video's own. Keeps its filter graphs between
/// calls; one object a thread.
class ColourConverter {
 public:
  ColourConverter();
  ~ColourConverter();
  ColourConverter(ColourConverter&&) noexcept;
  ColourConverter& operator=(ColourConverter&&) noexcept;

  /// Reads `from` into the visible part of `into`. A picture that is one column or line larger gets
  /// the last one repeated; any other size is scaled to (Catmull-Rom). Throws Error(bad_input) for
  /// a colour space that zimg does not know.
  void to_picture(const AVFrame& from, Picture& into);

  /// Writes `from` into `into`, whose format, size and colour tags say how. A picture that is one
  /// column or line larger loses the last one; any other size is scaled (Catmull-Rom). Values
  /// outside the format's range are clipped here and nowhere else. Alpha is not written.
  void from_picture(const Picture& from, AVFrame& into);

  /// Converts and scales without a picture in between; alpha too where both have it. Identical
  /// where nothing has to change.
  void convert(const AVFrame& from, AVFrame& into);

 private:
  struct Graphs;
  std::unique_ptr<Graphs> graphs_;
};

}  // namespace impasto::media

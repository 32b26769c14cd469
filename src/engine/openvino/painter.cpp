#include "engine/painter.h"

#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <openvino/openvino.hpp>
#include <optional>
#include <set>
#include <sstream>

#include "base/error.h"
#include "engine/ends.h"
#include "engine/openvino/blob_cache.h"
#include "engine/openvino/device.h"
#include "engine/openvino/net.h"
#include "engine/openvino/requests.h"
#include "engine/openvino/streams.h"
#include "engine/passes/calibrated.h"
#include "engine/passes/reach.h"
#include "engine/passes/take_ends.h"
#include "engine/tiled_painter.h"

namespace impasto::engine {
namespace {

using openvino::BlobCache;
using openvino::DeviceChoice;
using openvino::Inputs;
using openvino::Loan;
using openvino::reason;
using openvino::RequestPool;
using openvino::shape_of;
using openvino::Split;

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file) {
    throw Error(ExitCode::bad_input,
                fmt::format("the style file {} cannot be read", path.string()));
  }
  return bytes;
}

/// Everything that the compiled form of a net depends on, as a text of one line.
std::string cache_key(const std::filesystem::path& onnx_file, const DeviceChoice& device,
                      const Split& split, Size canvas) {
  const std::string bytes = read_file(onnx_file);
  constexpr std::uint64_t kOtherSeed = 0x9e3779b97f4a7c15U;
  return fmt::format("net {}:{:016x}{:016x} canvas {} device {} ({}) precision {} streams {}x{} {}",
                     bytes.size(), openvino::checksum(bytes), openvino::checksum(bytes, kOtherSeed),
                     to_string(canvas), device.name, device.full_name,
                     openvino::precision_name(device.precision), split.streams, split.threads,
                     ov::get_openvino_version().buildNumber);
}

struct Compiled {
  ov::CompiledModel net;
  std::optional<Ends> ends;  ///< What the net leaves to us.
};

Compiled compile(ov::Core& core, const std::filesystem::path& onnx_file, const DeviceChoice& device,
                 const Split& split, const PainterOptions& options) {
  const ov::AnyMap settings = openvino::compile_options(device, split);
  // A calibrated net is one of many that a film needs, and compiled in a moment: not kept.
  const BlobCache cache(options.calibration ? "" : options.cache_folder);
  std::string key;
  if (cache.enabled()) {
    key = cache_key(onnx_file, device, split, options.canvas);
    if (const auto blob = cache.load(key)) {
      try {
        std::istringstream stream(*blob);
        return {core.import_model(stream, device.name, settings), std::nullopt};
      } catch (const std::exception&) {
        cache.drop(key);  // whole, but not to this device's liking: compiled anew below
      }
    }
  }
  const auto net = openvino::read_for_canvas(onnx_file, options.canvas);
  std::optional<Ends> ends;
  if (options.calibration) {
    const auto kept = device.int8 ? std::optional(options.kept) : std::nullopt;
    passes::paint_by(*options.calibration, net, kept);
    ends = passes::take_ends(net, device.precision);
  }
  try {
    auto compiled = core.compile_model(net, device.name, settings);
    if (cache.enabled()) {
      std::ostringstream stream;
      compiled.export_model(stream);
      cache.store(key, stream.view());
    }
    return {std::move(compiled), ends};
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} cannot be compiled for the device \"{}\": {}", onnx_file.string(),
                            options.device, reason(failure)));
  }
}

class OpenVinoPainter : public Painter {
 public:
  OpenVinoPainter(Compiled compiled, PainterInfo info, Size canvas)
      : net_(std::move(compiled.net)),
        ends_(compiled.ends),
        inputs_(openvino::inputs_of(net_.inputs())),
        info_(std::move(info)),
        canvas_(canvas),
        requests_(net_, info_.concurrency) {
    info_.code_length = openvino::code_length(inputs_);
  }

  using Painter::paint;
  void paint(const Picture& in, Picture& out, std::span<const float> code) override {
    if (in.canvas() != canvas_ || out.canvas() != canvas_) {
      throw Error(ExitCode::bug,
                  fmt::format("a painter for canvases of {} was given {} and {}",
                              to_string(canvas_), to_string(in.canvas()), to_string(out.canvas())));
    }
    if (code.size() != info_.code_length) {
      throw Error(ExitCode::bug,
                  fmt::format("a painter that takes a code of {} numbers was given one of {}",
                              info_.code_length, code.size()));
    }
    Loan loan(requests_);
    try {
      if (ends_) {
        fold(in, *ends_, (*loan).get_input_tensor().data<std::uint8_t>());
        (*loan).infer();
        unfold_result((*loan).get_output_tensor(), out);
        return;
      }
      // The network reads and writes the pictures' own memory. OpenVINO only reads its input, but
      // its tensor type over foreign memory does not know const.
      (*loan).set_tensor(inputs_.picture, ov::Tensor(ov::element::f32, shape_of(canvas_),
                                                     const_cast<float*>(in.data())));
      if (!code.empty()) {
        (*loan).set_tensor(inputs_.code, ov::Tensor(ov::element::f32, ov::Shape{1, code.size()},
                                                    const_cast<float*>(code.data())));
      }
      (*loan).set_output_tensor(ov::Tensor(ov::element::f32, shape_of(canvas_), out.data()));
      (*loan).infer();
    } catch (const std::exception& failure) {
      throw Error(ExitCode::unavailable,
                  fmt::format("the device {} failed to paint a picture of {}: {}", info_.device,
                              to_string(canvas_), reason(failure)));
    }
  }

  [[nodiscard]] const PainterInfo& info() const override { return info_; }

 private:
  void unfold_result(const ov::Tensor& blocks, Picture& out) const {
    if (blocks.get_element_type() == ov::element::bf16) {
      unfold(static_cast<const Bfloat16*>(blocks.data()), *ends_, out);
    } else {
      unfold(blocks.data<const float>(), *ends_, out);
    }
  }

  ov::CompiledModel net_;
  std::optional<Ends> ends_;
  Inputs inputs_;
  PainterInfo info_;
  Size canvas_;
  RequestPool requests_;
};

/// How the options' canvas is cut. Throws Error(usage) when the net cannot be painted in tiles.
Tiles tiles_for(const std::filesystem::path& onnx_file, const PainterOptions& options) {
  const Size canvas = options.canvas;
  if (options.tile_pixels <= 0 ||
      static_cast<long long>(canvas.width) * canvas.height <= options.tile_pixels) {
    return cut_into_tiles(canvas, 0, std::numeric_limits<long long>::max());
  }
  constexpr Size kAny{256, 256};  // how far a net looks does not depend on the picture's size
  const auto net = openvino::read_for_canvas(onnx_file, kAny);
  if (options.calibration) {
    passes::paint_by(*options.calibration, net, std::nullopt);
  }
  const auto reach = passes::reach_of(net);
  if (!reach) {
    throw Error(ExitCode::usage,
                fmt::format("{} cannot be painted in tiles, since every part of its painting "
                            "depends on the whole picture; leave --live-norm or --tile out",
                            onnx_file.string()));
  }
  return cut_into_tiles(canvas, *reach, options.tile_pixels);
}

}  // namespace

std::unique_ptr<Painter> make_painter(const std::filesystem::path& onnx_file,
                                      const PainterOptions& options) {
  ov::Core core;
  const DeviceChoice device = openvino::choose_device(core, options);
  if (device.int8 && !options.calibration) {
    throw Error(ExitCode::usage,
                "int8 needs a calibration, which only films have that are painted "
                "without --live-norm; choose another --precision");
  }
  const Split split = openvino::split_threads(options.threads);
  Tiles tiles = tiles_for(onnx_file, options);
  PainterOptions part = options;
  part.canvas = tiles.tile;
  Compiled compiled = compile(core, onnx_file, device, split, part);

  PainterInfo info;
  info.backend = "openvino";
  info.device = device.full_name;
  info.precision =
      device.int8
          ? "int8"
          : openvino::precision_name(compiled.net.get_property(ov::hint::inference_precision));
  info.threads = split.threads;
  info.concurrency = std::max(
      1, static_cast<int>(compiled.net.get_property(ov::optimal_number_of_infer_requests)));
  info.tile = tiles.tile;
  auto painter =
      std::make_unique<OpenVinoPainter>(std::move(compiled), std::move(info), part.canvas);
  return tiles.places.size() == 1
             ? std::move(painter)
             : make_tiled_painter(std::move(painter), options.canvas, std::move(tiles));
}

std::vector<Device> devices() {
  ov::Core core;
  return openvino::list_devices(core);
}

}  // namespace impasto::engine

#include "engine/painter.h"

#include <fmt/format.h>

#include <algorithm>
#include <condition_variable>
#include <fstream>
#include <iterator>
#include <map>
#include <mutex>
#include <openvino/openvino.hpp>
#include <sstream>

#include "base/error.h"
#include "base/processors.h"
#include "engine/openvino/blob_cache.h"
#include "engine/openvino/device.h"
#include "engine/openvino/net.h"

namespace impasto::engine {
namespace {

using openvino::BlobCache;
using openvino::DeviceChoice;
using openvino::reason;

/// How the compute threads are split: `streams` frames at once, each by threads / streams threads.
struct Split {
  int threads = 1;
  int streams = 1;
};

/// As many streams as can be without leaving threads idle: a frame a core needs no barriers between
/// the cores (on two cores two streams of one thread paint a third more than one of two). Each
/// stream holds a frame's worth of activations (about 150 MB at 1920x1080), hence a few of them
/// only.
Split split_threads(int wanted) {
  Split split;
  split.threads = wanted > 0 ? wanted : usable_processors();
  constexpr int kFew = 6;
  split.streams = std::max(std::min(split.threads, kFew), split.threads / 4);
  const auto idle = [&] { return split.threads % split.streams; };
  while (idle() * 7 > split.threads) {  // one stream leaves none idle, so this ends
    --split.streams;
  }
  return split;
}

ov::Shape shape_of(Size canvas) {
  return {1, 3, static_cast<std::size_t>(canvas.height), static_cast<std::size_t>(canvas.width)};
}

ov::AnyMap compile_options(const DeviceChoice& device, const Split& split) {
  ov::AnyMap options{ov::hint::performance_mode(ov::hint::PerformanceMode::THROUGHPUT),
                     ov::hint::inference_precision(device.precision)};
  if (device.name == "CPU") {
    options.emplace(ov::num_streams(split.streams));
    options.emplace(ov::inference_num_threads(split.threads));
  }
  return options;
}

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

constexpr const char* kCode = "code";

/// The inputs that hold a picture and, in a base painter, a code; null when there is none.
struct Inputs {
  ov::Output<const ov::Node> picture;
  ov::Output<const ov::Node> code;
};

Inputs inputs_of(const std::vector<ov::Output<const ov::Node>>& ports) {
  const auto is_code = [](const auto& port) { return port.get_names().count(kCode) > 0; };
  if (ports.size() == 2 && is_code(ports[0]) != is_code(ports[1])) {
    return is_code(ports[1]) ? Inputs{ports[0], ports[1]} : Inputs{ports[1], ports[0]};
  }
  return {ports.size() == 1 ? ports[0] : ov::Output<const ov::Node>(), {}};
}

bool has(const ov::Output<const ov::Node>& port) { return port.get_node() != nullptr; }

std::size_t code_length(const ov::Output<const ov::Node>& code) {
  const ov::PartialShape& shape = code.get_partial_shape();
  const bool known = shape.rank() == 2 && shape[1].is_static();
  return known ? static_cast<std::size_t>(shape[1].get_length()) : 0;
}

/// Throws Error(bad_input) for a net that is neither a style nor a base painter.
Inputs checked_inputs(const std::shared_ptr<const ov::Model>& net,
                      const std::filesystem::path& onnx_file) {
  Inputs inputs = inputs_of(net->inputs());
  const auto is_float = [](const auto& port) {
    return port.get_element_type() == ov::element::f32;
  };
  const bool good_code =
      !has(inputs.code) || (is_float(inputs.code) && code_length(inputs.code) > 0);
  if (!has(inputs.picture) || !is_float(inputs.picture) || !good_code ||
      net->outputs().size() != 1 || !is_float(net->output())) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is not a style net: it must take one float32 picture and give one",
                            onnx_file.string()));
  }
  return inputs;
}

/// The net for pictures of one size. Throws Error(bad_input) when it does not keep the size.
std::shared_ptr<ov::Model> read_for_canvas(const std::filesystem::path& onnx_file, Size canvas) {
  auto net = openvino::read_net(onnx_file);
  const Inputs inputs = checked_inputs(net, onnx_file);
  try {
    std::map<ov::Output<ov::Node>, ov::PartialShape> wanted;
    for (const ov::Output<ov::Node>& port : net->inputs()) {
      const bool is_code = has(inputs.code) && port.get_node() == inputs.code.get_node();
      wanted[port] =
          is_code ? ov::PartialShape(ov::Shape{1, code_length(inputs.code)}) : shape_of(canvas);
    }
    net->reshape(wanted);
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} does not take pictures of {}: {}", onnx_file.string(),
                            to_string(canvas), reason(failure)));
  }
  if (net->output().get_partial_shape() != ov::PartialShape(shape_of(canvas))) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} is not size-free: for a picture of shape {} it gives {}",
                            onnx_file.string(), ov::PartialShape(shape_of(canvas)).to_string(),
                            net->output().get_partial_shape().to_string()));
  }
  return net;
}

ov::CompiledModel compile(ov::Core& core, const std::filesystem::path& onnx_file,
                          const DeviceChoice& device, const Split& split,
                          const PainterOptions& options) {
  const ov::AnyMap settings = compile_options(device, split);
  const BlobCache cache(options.cache_folder);
  std::string key;
  if (cache.enabled()) {
    key = cache_key(onnx_file, device, split, options.canvas);
    if (const auto blob = cache.load(key)) {
      try {
        std::istringstream stream(*blob);
        return core.import_model(stream, device.name, settings);
      } catch (const std::exception&) {
        cache.drop(key);  // whole, but not to this device's liking: compiled anew below
      }
    }
  }
  const auto net = read_for_canvas(onnx_file, options.canvas);
  try {
    auto compiled = core.compile_model(net, device.name, settings);
    if (cache.enabled()) {
      std::ostringstream stream;
      compiled.export_model(stream);
      cache.store(key, stream.view());
    }
    return compiled;
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} cannot be compiled for the device \"{}\": {}", onnx_file.string(),
                            options.device, reason(failure)));
  }
}

/// Requests that wait for a caller. Handing them out is all the queueing there is: callers run the
/// network on the device's streams and wait for it themselves.
class RequestPool {
 public:
  explicit RequestPool(std::vector<ov::InferRequest> requests) : free_(std::move(requests)) {}

  ov::InferRequest take() {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [this] { return !free_.empty(); });
    ov::InferRequest request = std::move(free_.back());
    free_.pop_back();
    return request;
  }

  void give_back(ov::InferRequest request) {
    {
      const std::lock_guard lock(mutex_);
      free_.push_back(std::move(request));
    }
    returned_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable returned_;
  std::vector<ov::InferRequest> free_;
};

/// A request out of the pool for as long as it lives.
class Loan {
 public:
  explicit Loan(RequestPool& pool) : pool_(pool), request_(pool.take()) {}
  Loan(const Loan&) = delete;
  Loan& operator=(const Loan&) = delete;
  ~Loan() { pool_.give_back(std::move(request_)); }

  ov::InferRequest& operator*() { return request_; }

 private:
  RequestPool& pool_;
  ov::InferRequest request_;
};

std::vector<ov::InferRequest> make_requests(ov::CompiledModel& net, int count) {
  std::vector<ov::InferRequest> requests;
  requests.reserve(static_cast<std::size_t>(count));
  for (int index = 0; index < count; ++index) {
    requests.push_back(net.create_infer_request());
  }
  return requests;
}

class OpenVinoPainter : public Painter {
 public:
  OpenVinoPainter(ov::CompiledModel net, PainterInfo info, Size canvas)
      : net_(std::move(net)),
        inputs_(inputs_of(net_.inputs())),
        info_(std::move(info)),
        canvas_(canvas),
        requests_(make_requests(net_, info_.concurrency)) {
    info_.code_length = has(inputs_.code) ? code_length(inputs_.code) : 0;
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
  ov::CompiledModel net_;
  Inputs inputs_;
  PainterInfo info_;
  Size canvas_;
  RequestPool requests_;
};

}  // namespace

std::unique_ptr<Painter> make_painter(const std::filesystem::path& onnx_file,
                                      const PainterOptions& options) {
  ov::Core core;
  const DeviceChoice device = openvino::choose_device(core, options);
  const Split split = split_threads(options.threads);
  ov::CompiledModel net = compile(core, onnx_file, device, split, options);

  PainterInfo info;
  info.backend = "openvino";
  info.device = device.full_name;
  info.precision = openvino::precision_name(net.get_property(ov::hint::inference_precision));
  info.threads = split.threads;
  info.concurrency =
      std::max(1, static_cast<int>(net.get_property(ov::optimal_number_of_infer_requests)));
  return std::make_unique<OpenVinoPainter>(std::move(net), std::move(info), options.canvas);
}

std::vector<Device> devices() {
  ov::Core core;
  return openvino::list_devices(core);
}

}  // namespace impasto::engine

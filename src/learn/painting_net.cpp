#include "learn/painting_net.h"

#include <fmt/format.h>
#include <torch/nn/functional.h>

#include <cmath>

#include "base/error.h"
#include "learn/mirrored.h"
#include "learn/norm.h"
#include "network/layers.h"

namespace impasto::learn {
namespace {

namespace F = torch::nn::functional;
using network::kFold;

/// SpaceToDepth as ONNX defines it: [N,3,H,W] → [N,48,H/4,W/4], channels by place, then colour.
torch::Tensor fold(const torch::Tensor& pictures) {
  const auto rows = pictures.size(2) / kFold;
  const auto columns = pictures.size(3) / kFold;
  return pictures.reshape({pictures.size(0), 3, rows, kFold, columns, kFold})
      .permute({0, 2, 4, 3, 5, 1})
      .reshape({pictures.size(0), rows, columns, 3 * kFold * kFold})
      .permute({0, 3, 1, 2});  // channels last in memory
}

/// Takes the codes apart, layer by layer.
class CodeReader {
 public:
  explicit CodeReader(torch::Tensor codes) : codes_(std::move(codes)) {}
  torch::Tensor next(int channels) {
    torch::Tensor part = codes_.narrow(1, at_, channels);
    at_ += channels;
    return part;
  }

 private:
  torch::Tensor codes_;
  std::int64_t at_ = 0;
};

}  // namespace

bool is_code(const std::string& parameter) {
  return parameter.ends_with(".scale") || parameter.ends_with(".shift");
}

std::vector<float> values_of(const torch::Tensor& tensor) {
  const torch::Tensor plain = tensor.detach().to(torch::kCPU, torch::kFloat).contiguous();
  return {plain.data_ptr<float>(), plain.data_ptr<float>() + plain.numel()};
}

PaintingNet::PaintingNet(torch::Device device, torch::Dtype type) : device_(device), type_(type) {
  const auto add = [&](const std::string& name, const torch::Tensor& value) {
    parameters_.emplace(name, value.to(device).set_requires_grad(true));
  };
  for (const network::Layer& layer : network::kLayers) {
    const std::string name = layer.name;
    const double deviation = std::sqrt(2.0 / (9.0 * static_cast<double>(layer.inputs)));
    // In the order in which the convolutions take them.
    add(name + ".weight", (torch::randn({layer.outputs, layer.inputs, 3, 3}) * deviation)
                              .contiguous(at::MemoryFormat::ChannelsLast));
    if (layer.normed) {
      add(name + ".scale", torch::ones({layer.outputs}));
      add(name + ".shift", torch::zeros({layer.outputs}));
    } else {
      add(name + ".bias", torch::zeros({layer.outputs}));
    }
  }
}

void PaintingNet::load(const network::Weights& weights) {
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, values] : weights) {
    torch::Tensor& parameter = parameters_.at(name);
    if (static_cast<std::int64_t>(values.size()) != parameter.numel()) {
      throw Error(ExitCode::bug, fmt::format("weight {} has another size", name));
    }
    parameter.copy_(torch::tensor(values).view(parameter.sizes()));
  }
}

network::Weights PaintingNet::weights(bool base) const {
  network::Weights all;
  for (const auto& [name, tensor] : parameters_) {
    if (!base || !is_code(name)) {
      all.emplace(name, values_of(tensor));
    }
  }
  return all;
}

PaintingNet PaintingNet::twin() const {
  PaintingNet twin;
  twin.device_ = device_;
  twin.type_ = type_;
  for (const auto& [name, parameter] : parameters_) {
    twin.parameters_.emplace(name, parameter.detach().set_requires_grad(parameter.requires_grad()));
  }
  return twin;
}

void PaintingNet::add_gradients_of(const PaintingNet& twin) const {
  for (const auto& [name, parameter] : parameters_) {
    const torch::Tensor& gradient = twin.parameters_.at(name).grad();
    if (gradient.defined()) {
      torch::Tensor& sum = torch::Tensor(parameter).mutable_grad();
      sum = sum.defined() ? sum + gradient : gradient;
    }
  }
}

torch::Tensor PaintingNet::paint(const torch::Tensor& pictures, const torch::Tensor& codes) const {
  return paint_in(type_, pictures, codes);
}

torch::Tensor PaintingNet::paint_exactly(const torch::Tensor& pictures,
                                         const torch::Tensor& codes) const {
  const torch::NoGradGuard no_gradients;
  return paint_in(torch::kFloat, pictures, codes);
}

torch::Tensor PaintingNet::paint_in(torch::Dtype type, const torch::Tensor& pictures,
                                    const torch::Tensor& codes) const {
  CodeReader code(codes);
  const auto convolve = [&](const std::string& name, const torch::Tensor& flow, int stride) {
    return torch::conv2d(
        flow,
        parameters_.at(name + ".weight").to(type, false, false, at::MemoryFormat::ChannelsLast),
        torch::Tensor(), stride);
  };
  const auto normed = [&](const std::string& name, const torch::Tensor& flow, bool relu,
                          int stride = 1) {
    const torch::Tensor result = convolve(name, flow, stride);
    const int channels = static_cast<int>(result.size(1));
    if (codes.defined()) {
      const auto scale = code.next(channels) + 1;
      return norm(result, scale, code.next(channels), relu);
    }
    return norm(result, parameters_.at(name + ".scale").view({1, channels}),
                parameters_.at(name + ".shift").view({1, channels}), relu);
  };

  const torch::Tensor folded = fold(mirrored(pictures - 0.5, network::kMargin)).to(type);
  const torch::Tensor stem = normed("stem", folded, true);
  torch::Tensor flow = normed("down", stem, true, 2);
  for (std::size_t block = 0; block < network::kBlocks; ++block) {
    const std::string name = fmt::format("block{}", block);
    const torch::Tensor wider = mirrored(flow, network::kBlockMargin);
    flow = flow + normed(name + ".b", normed(name + ".a", wider, true), false);
  }
  flow = F::interpolate(
      mirrored(flow, network::kUpMargin),
      F::InterpolateFuncOptions().scale_factor(std::vector<double>{2, 2}).mode(torch::kNearest));
  flow = normed("up", flow, true) + stem;
  flow = convolve("out", normed("mix", flow, true), 1);
  // In float32: rounded to bfloat16, the biases of a block's places would be a faint grid.
  flow = flow.to(torch::kFloat).contiguous() + parameters_.at("out.bias").view({1, -1, 1, 1});
  const torch::Tensor painted = torch::sigmoid(torch::pixel_shuffle(flow, kFold) * 2);
  return painted.slice(2, network::kCut, -network::kCut).slice(3, network::kCut, -network::kCut);
}

std::vector<torch::Tensor> PaintingNet::convolution_parameters() const {
  std::vector<torch::Tensor> found;
  for (const auto& [name, tensor] : parameters_) {
    if (!is_code(name)) {
      found.push_back(tensor);
    }
  }
  return found;
}

}  // namespace impasto::learn

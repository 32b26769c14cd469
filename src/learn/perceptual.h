#pragma once

#include <torch/types.h>

#include <array>
#include <filesystem>
#include <vector>

namespace impasto::learn {

/// Stages of VGG-19 whose first activation (relu1_1 … relu5_1) the losses look at.
inline constexpr int kStages = 5;

/// Pixels of mirror image around a picture; a multiple of what a place of the last stage spans.
inline constexpr int kMirror = 16;

/// Activations relu1_1 … relu5_1 of VGG-19 for a batch; the stage s has the shape
/// [N, 64·2^s (512 at most), H/2^s, W/2^s]. Stages that were not asked for are undefined.
using Features = std::array<torch::Tensor, kStages>;

/// VGG-19 up to relu5_1 with fixed weights: how a picture looks to a network that knows things
/// (Simonyan and Zisserman, "Very Deep Convolutional Networks for Large-Scale Image Recognition",
/// 2014).
class Perceptual {
 public:
  struct Convolution {
    torch::Tensor weight;
    torch::Tensor bias;
    bool begins_stage;
  };

  /// Reads the weights that the set-up made (codebooks in a safetensors file).
  /// `type` is what it computes in: kFloat or kBFloat16.
  /// Throws Error(bad_input) when the file is missing or damaged.
  Perceptual(const std::filesystem::path& weights, torch::Device device, torch::Dtype type);

  /// Features of pictures [N,3,H,W] RGB 0..1 (float32; H, W > 16) up to the given number of stages.
  /// Differentiable in the pictures. It sees their mirror image around them: with the zeros that
  /// VGG-19 pads with, every picture would have a grey frame, a small one more of it than a large
  /// one, and who paints after it would learn to paint a frame.
  [[nodiscard]] Features operator()(const torch::Tensor& pictures, int stages) const;
  /// The same by the library's operations alone: what the faster way is checked against, and what
  /// other types and devices use.
  [[nodiscard]] Features plain(const torch::Tensor& pictures, int stages) const;

  [[nodiscard]] torch::Device device() const { return device_; }

 private:
  [[nodiscard]] torch::Tensor prepared(const torch::Tensor& pictures) const;

  torch::Device device_;
  torch::Dtype type_;
  std::vector<Convolution> convolutions_;
};

}  // namespace impasto::learn

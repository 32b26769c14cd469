#pragma once

#include <torch/types.h>

#include <vector>

#include "learn/perceptual.h"

namespace impasto::learn {

/// Stages of VGG-19 that content and style look at.
inline constexpr int kStyleStages = 4;

/// Gram matrix [N,C,C] of features [N,C,H,W]: products of channels averaged over the places
/// (Gatys et al., "Image Style Transfer Using Convolutional Neural Networks", 2016). float32.
torch::Tensor gram(const torch::Tensor& features);

/// The Gram matrices of the first `stages` stages, float32.
std::vector<torch::Tensor> grams(const Features& features, int stages);
/// The same with places that count as much as `weights` [N,1,H,W] say, H×W the pictures' size, save
/// in the first stage: a painting has its colours everywhere.
std::vector<torch::Tensor> grams(const Features& features, int stages,
                                 const torch::Tensor& weights);

/// How much each place of photos [N,3,H,W] is asked for the painting's strokes: [N,1,H,W], 1 where
/// something is to be seen or it is light, and less the darker and plainer a photo is there. Asked
/// for strokes where it sees nothing that could carry them, a network covers the place with rows of
/// rings.
torch::Tensor stroke_weights(const torch::Tensor& photos);

/// Σ over the stages of ‖G−Gs‖²/‖Gs‖², for each picture: [N]. `target` matrices are [1,C,C] or
/// [N,C,C].
torch::Tensor style_loss(const std::vector<torch::Tensor>& painted,
                         const std::vector<torch::Tensor>& target);

/// ‖F−Fc‖²/‖Fc‖² at relu4_1 and half of it at relu3_1, for each picture: [N].
torch::Tensor content_loss(const Features& painted, const Features& content);

/// What is darker shall stay darker: 1 − the correlation of the luma of `painted` and `content`
/// [N,3,H,W], each 16×16 pixels averaged, for each picture: [N]. VGG-19 hardly tells a black area
/// from a grey one.
torch::Tensor tone_loss(const torch::Tensor& painted, const torch::Tensor& content);

/// Mean squared difference of two paintings [N,3,H,W] where they show the same: `second` shows at
/// (y, x) what `first` shows at (y + dy, x + dx).
torch::Tensor shift_loss(const torch::Tensor& first, const torch::Tensor& second, int dy, int dx);

/// How far the 8×8 places within a block are from each other in the mean of each picture [N,3,H,W]
/// and of its |dx| and |dy|: [N, 3 (mean, dx, dy), 3, 8, 8], each 8×8 less its mean. H, W multiples
/// of 8, 112 at least. The outer 24 pixels are left out, for a line along the border is no grid,
/// and what remains fades out towards its ends, which keeps the pictures' own slopes out.
torch::Tensor phase_means(const torch::Tensor& pictures);

/// The grid that a network which works on blocks of pixels leaves on all that it paints: the phase
/// means that two different pictures of `painted` [N,3,H,W], N ≥ 2, have in common. Mean over all
/// pairs of the product of their phase means, averaged over places, summed over the three kinds.
/// What a picture shows has phase means, too, but no two pictures the same ones, so this estimates
/// the grid's variance without bias (a U-statistic) and may be below zero. Scalar.
torch::Tensor phase_loss(const torch::Tensor& painted);

/// Power at the periods 8, 4 and 2 pixels against the frequencies beside them, along both axes,
/// summed over a batch [N,3,H,W] with H, W ≥ 128: six ratios [axis × period], 1 where there is no
/// grid. Computed on the luma with a Hann window of 128 pixels.
torch::Tensor grid_power(const torch::Tensor& painted);

/// Σ log²(max(1, ratio)) over grid_power().
torch::Tensor grid_loss(const torch::Tensor& painted);

/// Mean and standard deviation of each channel of the first four stages: [N, 1920]. What a reader
/// knows of a painting.
torch::Tensor statistics(const Features& features);

}  // namespace impasto::learn

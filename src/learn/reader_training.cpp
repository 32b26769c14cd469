#include "learn/reader_training.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <vector>

#include "base/error.h"
#include "base/interrupt.h"
#include "learn/adam.h"
#include "learn/course.h"

namespace impasto::learn {
namespace {

constexpr double kSecondsPerMinute = 60;
constexpr double kClip = 1;
constexpr std::int64_t kWarmUp = 50;
constexpr std::int64_t kStepsPerNote = 100;
constexpr int kFirstSamples = 100;
constexpr int kMostFailures = 20;

/// A painting, and what the teacher reads in it.
struct Sample {
  torch::Tensor bytes;  ///< [1,3,H,W] uint8
  torch::Tensor impressions;
  torch::Tensor code;
};

Sample draw_sample(const StatisticsReader& teacher, const Perceptual& perceptual,
                   const StylePool& paintings, StepChance& chance) {
  const torch::NoGradGuard no_gradients;
  const torch::Tensor picture = square_of(paintings.draw(chance), chance);
  Sample sample;
  sample.bytes = (scaled(picture, kReadAt, kReadAt) * 255).round().to(torch::kUInt8);
  sample.impressions = teacher.impressions(target_of(perceptual, picture).statistics);
  sample.code = teacher.codes(sample.impressions);
  return sample;
}

torch::Tensor picture_of(const Sample& sample) { return sample.bytes.to(torch::kFloat) / 255; }

/// Normal statistics, and the teacher's upper layers.
void prepare(ReaderNet& reader, const StatisticsReader& teacher,
             const std::vector<Sample>& samples) {
  std::vector<torch::Tensor> pictures;
  std::transform(samples.begin(), samples.end(), std::back_inserter(pictures), picture_of);
  reader.normalise_by(pictures);
  const torch::NoGradGuard no_gradients;
  for (const auto& [name, parameter] : reader.parameters()) {
    if (name.starts_with("second.") || name.starts_with("third.")) {
      torch::Tensor(parameter).copy_(teacher.parameters().at(name));
    }
  }
}

/// How far values commonly are from their mean, over all samples: what errors are relative to.
double usual_square(const std::vector<Sample>& samples, torch::Tensor Sample::*what) {
  std::vector<torch::Tensor> all;
  for (const Sample& sample : samples) {
    all.push_back(sample.*what);
  }
  return torch::cat(all).var(0, false).mean().item<double>();
}

}  // namespace

void teach_reader(ReaderNet& reader, const StatisticsReader& teacher, const Perceptual& perceptual,
                  const StylePool& paintings, const ReaderOptions& options, Progress& progress) {
  std::vector<Sample> samples;
  const auto add_sample = [&](std::int64_t number) {
    StepChance chance(options.seed + 1, number);
    samples.push_back(draw_sample(teacher, perceptual, paintings, chance));
  };
  for (int i = 0; i < kFirstSamples; ++i) {
    add_sample(i);
    throw_if_interrupted();
  }
  if (options.fresh) {
    prepare(reader, teacher, samples);
  }
  Adam adam;
  for (const auto& [name, parameter] : reader.parameters()) {
    adam.add(name, parameter);
  }
  const double impressions_square = usual_square(samples, &Sample::impressions);
  const double code_square = usual_square(samples, &Sample::code);

  Course course({options.minutes, 0}, 0, 0);
  progress.begin("reader", 0, options.minutes * kSecondsPerMinute, {"steps", "steps/s"});
  double error = 0;
  int failures = 0;
  while (!course.done()) {
    StepChance chance(options.seed + 2, course.step());
    if (course.step() % 2 == 0 && static_cast<int>(samples.size()) < options.most_samples) {
      add_sample(kFirstSamples + course.step());
    }
    for (int i = 0; i < options.batch; ++i) {
      const Sample& sample = samples[static_cast<std::size_t>(
          chance.index(static_cast<std::int64_t>(samples.size())))];
      const auto impressions = reader.impressions(picture_of(sample));
      const auto code_error = (reader.codes(impressions) - sample.code).square().mean();
      const auto loss = ((impressions - sample.impressions).square().mean() / impressions_square +
                         code_error / code_square) /
                        options.batch;
      loss.backward();
      error += code_error.item<double>() / code_square;
    }
    const double norm =
        adam.step(options.rate * falling_rate(course.fraction(), course.step(), kWarmUp), kClip);
    failures = std::isfinite(norm) ? 0 : failures + 1;
    if (failures == kMostFailures) {
      throw Error(ExitCode::bad_input,
                  "the reader's training does not converge; try another --seed");
    }
    course.advance();
    progress.advance(course.step(), course.seconds());
    if (course.step() % kStepsPerNote == 0) {
      progress.note(fmt::format("reader: step {}, {} paintings, error of the code {:.4f}",
                                course.step(), samples.size(),
                                error / static_cast<double>(kStepsPerNote * options.batch)));
      error = 0;
    }
    throw_if_interrupted();
  }
  progress.end(true);
}

}  // namespace impasto::learn

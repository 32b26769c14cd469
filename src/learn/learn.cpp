#include "learn/learn.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/sha256.h"
#include "learn/adam.h"
#include "learn/balance.h"
#include "learn/compute.h"
#include "learn/losses.h"
#include "learn/painting_losses.h"
#include "learn/photos.h"
#include "learn/preview.h"
#include "learn/record.h"
#include "network/network_file.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

constexpr int kSide = 240;    ///< Pixels of the crops.
constexpr int kSeenAt = 512;  ///< Pixels on the painting's short side at stroke 1.
constexpr int kClipFrames = 200;
constexpr int kPreviewPhotos = 4;
constexpr double kBalanceShare = 0.05;    ///< Of the minutes, kept for what follows the training.
constexpr int kBlock = 8;                 ///< Pictures that are painted whole are multiples of it.
constexpr double kClip = 5;               ///< Norm that gradients are cut to.
constexpr double kCodeShare = 0.1;        ///< Of the training, in which only the code moves …
constexpr std::int64_t kCodeSteps = 100;  ///< … and at most.
constexpr double kCodeRate = 3e-3;
constexpr double kBaseRate = 4e-4;   ///< Beginning from a base or style.
constexpr double kFreshRate = 8e-4;  ///< Beginning from nothing.
constexpr double kCodeFactor = 2.5;  ///< On the rate of scales and shifts, once all moves.
constexpr std::int64_t kWarmUp = 20;
constexpr double kMinute = 60;
constexpr double kFirstSave = 15;      ///< Seconds; from then on every minute.
constexpr std::size_t kToldOver = 50;  ///< Steps that told losses are averaged over.
constexpr int kMostFailures = 20;

/// One training, from its pictures to its file.
class StyleTraining {
 public:
  StyleTraining(const LearnOptions& options, Progress& progress)
      : options_(options),
        progress_(progress),
        compute_(compute_on(options.device)),
        perceptual_(options.vgg, compute_.device, compute_.type),
        net_(made_net()) {
    for (const auto& [name, parameter] : net_.parameters()) {
      adam_.add(name, parameter, is_code(name) ? kCodeFactor : 1);
    }
  }

  void run() {
    load_photos_and_painting();
    begin();
    Budget budget = options_.budget;
    budget.minutes *= 1 - kBalanceShare;
    Course course(budget, step_, seconds_);
    const std::string name = options_.out.stem().string();
    progress_.begin(name, options_.budget.steps, options_.budget.minutes * kMinute,
                    {"steps", "steps/s"});
    preview();
    while (!course.done()) {
      one_step(course);
      course.advance();
      step_ = course.step();
      seconds_ = course.seconds();
      const std::string facts = to_string(record_.recent(kToldOver));
      progress_.tell(facts);
      progress_.advance(step_, seconds_);
      if (seconds_ >= next_save_ || interrupted()) {
        next_save_ = next_minute();
        save();
        if (interrupted()) {
          stop();
        }
        preview();
      }
    }
    preview();
    finish();
    progress_.end(true);
    progress_.note(fmt::format("{}: {} steps in {:.1f} minutes, {}", options_.out.string(), step_,
                               seconds_ / kMinute, to_string(record_.recent(kToldOver))));
  }

 private:
  /// A network with the random weights of the seed.
  PaintingNet made_net() const {
    const StepChance chance(options_.seed, -1);
    return {compute_.device, compute_.type};
  }

  void load_photos_and_painting() {
    const int seen_at = static_cast<int>(std::lround(kSeenAt * options_.stroke));
    {
      const torch::NoGradGuard no_gradients;
      const torch::Tensor painting = to_tensor(load_painting(options_.painting, seen_at));
      wanted_ = grams(perceptual_(painting.to(compute_.device), kStyleStages), kStyleStages);
    }
    const auto take = [&](PhotoSet set, const std::string& from) {
      std::string skipped;
      for (const auto& [count, why] : {std::pair(set.broken, "broken"), {set.tiny, "too small"}}) {
        if (count > 0) {
          skipped += fmt::format(", {} {}", count, why);
        }
      }
      progress_.note(fmt::format("{} pictures of {}{}", set.photos.size(), from,
                                 skipped.empty() ? "" : " (left out" + skipped + ")"));
      photos_.push_back(std::move(set.photos));
    };
    if (!options_.photos.empty()) {
      take(load_photos(options_.photos), options_.photos.string());
    }
    if (!options_.clip.empty()) {
      take(load_clip_frames(options_.clip, kClipFrames), options_.clip.string());
    }
    if (photos_.empty()) {
      throw Error(
          ExitCode::usage,
          "there is nothing to practise on; give --photos a folder of a few hundred photos, "
          "or --on the clip that is to be painted");
    }
  }

  [[nodiscard]] std::string checkpoint_file() const {
    return options_.out.string() + ".checkpoint";
  }

  /// What a checkpoint must agree in: another painting or another dial is another training.
  [[nodiscard]] std::map<std::string, std::string> identity() const {
    const auto hash = [](const std::filesystem::path& file) {
      return file.empty() ? std::string("none") : sha256(store::read_all(file.string()));
    };
    return {{"painting", hash(options_.painting)},
            {"base", hash(options_.base)},
            {"stroke", fmt::format("{}", options_.stroke)},
            {"weight", fmt::format("{}", options_.weight)},
            {"stability", fmt::format("{}", options_.stability)},
            {"seed", fmt::format("{}", options_.seed)},
            {"set of losses", LossRecord::names()},
            {"batch", fmt::format("{}", options_.batch)}};
  }

  void begin() {
    const bool there =
        store::for_uri(checkpoint_file()).kind(checkpoint_file()) == store::Kind::object;
    if (options_.resume && there) {
      resume();
      return;
    }
    if (there && !options_.overwrite) {
      throw Error(ExitCode::usage,
                  fmt::format("{} keeps a training that was interrupted; go on with --resume, or "
                              "begin anew with --overwrite",
                              checkpoint_file()));
    }
    if (!options_.base.empty()) {
      const std::string bytes = store::read_all(options_.base.string());
      net_.load(network::read(bytes, options_.base.string()));
      const auto metadata = network::read_metadata(bytes, options_.base.string());
      const auto found = metadata.find("base");
      base_of_ = found == metadata.end() ? "" : found->second;
    }
  }

  void resume() {
    const std::string file = checkpoint_file();
    const SafeTensors content = read_safetensors(store::read_all(file), file);
    for (const auto& [name, value] : identity()) {
      const auto kept = content.metadata.find(name);
      if (kept == content.metadata.end() || kept->second != value) {
        throw Error(ExitCode::usage,
                    fmt::format("{} belongs to a training with another {}; give the options of "
                                "that one, or begin anew with --overwrite",
                                file, name));
      }
    }
    try {
      const torch::NoGradGuard no_gradients;
      for (const auto& [name, parameter] : net_.parameters()) {
        torch::Tensor(parameter).copy_(content.tensors.at(name));
      }
      adam_.load(content, "adam.");
      record_.load(content);
      step_ = std::stoll(content.metadata.at("step"));
      seconds_ = std::stod(content.metadata.at("seconds"));
      base_of_ = content.metadata.at("base_of");
    } catch (const std::out_of_range&) {
      throw Error(ExitCode::bad_input,
                  fmt::format("{} is damaged; begin anew with --overwrite", file));
    }
    next_save_ = next_minute();
    progress_.note(fmt::format("goes on after {} steps", step_));
  }

  void save() const {
    SafeTensors content;
    for (const auto& [name, parameter] : net_.parameters()) {
      content.tensors[name] = parameter;
    }
    adam_.save(content, "adam.");
    record_.save(content);
    for (const auto& [name, value] : identity()) {
      content.metadata[name] = value;
    }
    content.metadata["step"] = std::to_string(step_);
    content.metadata["seconds"] = fmt::format("{}", seconds_);
    content.metadata["base_of"] = base_of_;
    store::write_all(checkpoint_file(), write_safetensors(content), true);
  }

  /// Seconds of training at the next full minute.
  [[nodiscard]] double next_minute() const {
    return (std::floor(seconds_ / kMinute) + 1) * kMinute;
  }

  [[noreturn]] void stop() {
    progress_.end(false);
    throw Error(ExitCode::interrupted,
                fmt::format("stopped after {} steps, which {} keeps; the same command with "
                            "--resume goes on",
                            step_, checkpoint_file()));
  }

  void one_step(const Course& course) {
    const bool code_first =
        !options_.base.empty() && course.fraction() < kCodeShare && course.step() < kCodeSteps;
    for (const torch::Tensor& weight : net_.convolution_parameters()) {
      torch::Tensor(weight).set_requires_grad(!code_first);
    }
    double rate = kFreshRate;
    if (!options_.base.empty()) {
      rate = code_first ? kCodeRate / kCodeFactor : kBaseRate;
    }
    LossWeights weights;
    weights.style = options_.weight;
    weights.shift = shift_weight(options_.stability);
    StepChance chance(options_.seed, course.step());
    const Crops crops = random_crops(photos_, options_.batch, kSide, chance);
    const Losses losses = back_propagate(net_, perceptual_, crops, {}, wanted_, weights);
    const double norm =
        adam_.step(rate * falling_rate(course.fraction(), course.step(), kWarmUp), kClip);
    failures_ = std::isfinite(norm) ? 0 : failures_ + 1;
    if (failures_ == kMostFailures) {
      throw Error(ExitCode::bad_input,
                  "the training does not converge; try a smaller --weight or another --seed");
    }
    record_.add(course.seconds(), losses);
  }

  /// Paints the same pictures each time.
  void preview() {
    if (options_.preview.empty()) {
      return;
    }
    std::vector<Picture> sources;
    std::vector<Picture> painted;
    const auto add = [&](const Photo& photo) {
      const torch::Tensor picture = whole_blocks(photo, 0, 0);
      const int width = static_cast<int>(picture.size(3));
      const int height = static_cast<int>(picture.size(2));
      const torch::Tensor result =
          net_.paint_exactly(picture.to(compute_.device)).cpu().contiguous();
      sources.push_back(to_picture(picture.data_ptr<float>(), {width, height}));
      painted.push_back(to_picture(result.data_ptr<float>(), {width, height}));
    };
    const std::size_t share = kPreviewPhotos / photos_.size();
    for (const auto& set : photos_) {
      for (const std::size_t at : preview_choice(set.size(), share)) {
        add(set[at]);
      }
    }
    const std::string name = options_.out.stem().string();
    write_preview(options_.preview / fmt::format("{}-{:06}.png", name, step_),
                  preview_title(name, step_, seconds_), sources, painted);
  }

  void finish() {
    progress_.note("takes away what is left of the pixel grid");
    const double seconds = options_.budget.minutes * kMinute * kBalanceShare;
    const std::size_t most = options_.budget.steps > 0
                                 ? kBalancePhotos  // so that the same steps learn the same
                                 : balance_photos_within(seconds, net_, photos_, compute_.device);
    balance_phases(net_, photos_, compute_.device, options_.seed, {}, most);
    auto metadata = options_.metadata;
    metadata["stroke"] = fmt::format("{}", options_.stroke);
    metadata["steps"] = std::to_string(step_);
    metadata["losses"] = to_string(record_.recent(kToldOver));
    if (!base_of_.empty()) {
      metadata["base"] = base_of_;
    }
    store::write_all(options_.out.string(), network::write_style(net_.weights(false), metadata),
                     options_.overwrite || options_.resume);
    if (!options_.preview.empty() && !record_.empty()) {
      record_.write(options_.preview, options_.out.stem().string());
    }
    std::error_code ignored;  // it is of no more use, and that it stays does no harm
    std::filesystem::remove(checkpoint_file(), ignored);
  }

  const LearnOptions& options_;
  Progress& progress_;
  Compute compute_;
  Perceptual perceptual_;
  PaintingNet net_;
  Adam adam_;
  PhotoSets photos_;
  std::vector<torch::Tensor> wanted_;  ///< Gram matrices of the painting.
  LossRecord record_;
  std::string base_of_;  ///< The base painter that the beginning style was baked from.
  std::int64_t step_ = 0;
  double seconds_ = 0;
  double next_save_ = kFirstSave;  ///< Seconds of training.
  int failures_ = 0;
};

}  // namespace

double shift_weight(double stability) {
  constexpr double kMiddle = 5;
  constexpr double kMiddleWeight = 20;
  return kMiddleWeight * std::pow(stability / kMiddle, 3);
}

void learn_style(const LearnOptions& options, Progress& progress) {
  StyleTraining(options, progress).run();
}

}  // namespace impasto::learn

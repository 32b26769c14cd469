#include "learn/base.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <memory>

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
#include "learn/reader_training.h"
#include "learn/statistics_reader.h"
#include "learn/style_pool.h"
#include "network/models.h"
#include "network/network_file.h"
#include "network/reader_file.h"
#include "store/store.h"

namespace impasto::learn {
namespace {

constexpr int kPhotosToJudge = 6;
constexpr std::int64_t kStepsPerNote = 200;
constexpr std::int64_t kStepsPerJudgement = 2000;
constexpr double kSecondsPerCheckpoint = 300;
constexpr int kStepsPerNewStyle = 4;
constexpr double kClip = 5;
constexpr std::size_t kPaintingsToJudge = 6;
constexpr int kJudgedSide = 384;
constexpr double kReaderFactor = 0.5;

constexpr std::size_t kNormalPaintings = 100;  ///< That tell a reader's normal statistics.
const std::string kTogether = "together";      ///< In a checkpoint: painter and reader learn so.

/// A style to learn from.
struct PooledStyle {
  Target target;
  torch::Tensor bytes;  ///< [1,3,kReadAt,kReadAt] uint8, for the reader that ships; or undefined.
};

/// Everything that a base's training keeps between steps.
class BaseTraining {
 public:
  BaseTraining(const BaseOptions& options, Progress& progress)
      : options_(options),
        progress_(progress),
        compute_(compute_on(options.device)),
        perceptual_(options.vgg, compute_.device, compute_.type),
        net_(compute_.device, compute_.type),
        reader_(compute_.device),
        small_reader_(compute_.device, compute_.type) {
    load_pictures();
    for (const auto& [name, parameter] : net_.parameters()) {
      if (!is_code(name)) {
        adam_.add("painter." + name, parameter);
      }
    }
  }

  void run() {
    begin();
    Course course(options_.budget, step_, seconds_);
    progress_.begin("base", options_.budget.steps, options_.budget.minutes * 60,
                    {"steps", "steps/s"});
    Losses sum;
    double saved_at = course.seconds();
    while (!course.done()) {
      StepChance chance(options_.seed, course.step());
      refresh(chance, course.step());
      sum += one_step(chance, course);
      course.advance();
      step_ = course.step();
      seconds_ = course.seconds();
      progress_.advance(course.step(), course.seconds());
      if (course.step() % kStepsPerNote == 0) {
        progress_.note(fmt::format("step {}, {:.1f} min: {}", course.step(), seconds_ / 60,
                                   to_string(sum.over(kStepsPerNote))));
        sum = {};
      }
      if (course.step() % kStepsPerJudgement == 0) {
        judge();
      }
      if (interrupted() || seconds_ - saved_at > kSecondsPerCheckpoint) {
        save();
        saved_at = seconds_;
        if (interrupted()) {
          throw Error(ExitCode::interrupted,
                      fmt::format("stopped after {} steps, which {} keeps; the same command with "
                                  "--resume goes on",
                                  step_, checkpoint_file().string()));
        }
      }
    }
    balance_phases(net_, photos_, compute_.device, options_.seed, codes_of_pool());
    save();
    judge();
    progress_.end(true);
    write();
  }

 private:
  void load_pictures() {
    photos_.push_back(load_photos(options_.photos).photos);
    std::vector<Photo>& photos = photos_.front();
    PhotoSet paintings = load_photos(options_.paintings, 640);
    for (Photo& painting : paintings.photos) {
      const std::string name = std::filesystem::path(painting.name).stem().string();
      const bool held =
          std::find(options_.held.begin(), options_.held.end(), name) != options_.held.end();
      (held ? held_ : learnt_).push_back(std::move(painting));
    }
    progress_.note(fmt::format("{} photos, {} paintings, {} held back", photos.size(),
                               learnt_.size(), held_.size()));
    // Photos that judge are not learnt from.
    for (int i = 0; i < kPhotosToJudge && photos.size() > 1; ++i) {
      const std::size_t at = (photos.size() - 1) * static_cast<std::size_t>(i) / kPhotosToJudge;
      judging_photos_.push_back(std::move(photos[at]));
      photos.erase(photos.begin() + static_cast<std::ptrdiff_t>(at));
    }
    pool_source_ = std::make_unique<StylePool>(learnt_, photos);
  }

  void begin() {
    const std::filesystem::path file = options_.resume ? checkpoint_file() : options_.start;
    together_ = std::filesystem::is_directory(file);
    SafeTensors content;
    if (!file.empty() && !together_) {
      content = read_safetensors(store::read_all(file.string()), file.string());
      together_ = content.metadata.count(kTogether) > 0;
    }
    fill_pool();
    if (std::filesystem::is_directory(file)) {
      load_models(file);
    } else if (together_) {
      load(content);
    } else {
      std::vector<torch::Tensor> all;
      for (const PooledStyle& style : pool_) {
        all.push_back(style.target.statistics);
      }
      reader_.normalise_by(torch::cat(all));
      load(content);
    }
    const auto& learning = together_ ? small_reader_.parameters() : reader_.parameters();
    for (const auto& [name, parameter] : learning) {
      if (parameter.requires_grad()) {
        adam_.add("reader." + name, parameter, options_.keep_codes ? 0 : kReaderFactor);
      }
    }
    if (options_.resume) {
      adam_.load(content, "adam.");
      step_ = std::stoll(content.metadata.at("step"));
      seconds_ = std::stod(content.metadata.at("seconds"));
    }
    if (!file.empty()) {
      judge();
    }
  }

  /// Takes over a base that ships.
  void load_models(const std::filesystem::path& folder) {
    const std::string painter = (folder / network::kPainterFile).string();
    const std::string bytes = store::read_all(painter);
    net_.load(network::read(bytes, painter));
    const network::Metadata metadata = network::read_metadata(bytes, painter);
    const auto family = metadata.find("base");
    family_ = family == metadata.end() ? sha256(bytes) : family->second;
    const std::string reader = (folder / network::kReaderFile).string();
    std::vector<torch::Tensor> paintings;
    for (std::size_t i = 0; i < std::min(pool_.size(), kNormalPaintings); ++i) {
      paintings.push_back(read_at(pool_[i]));
    }
    small_reader_.load(network::read_reader(store::read_all(reader), reader), paintings);
    small_reader_has_learnt_ = true;
  }

  void load(const SafeTensors& content) {
    const torch::NoGradGuard no_gradients;
    for (const auto& [name, parameter] : net_.parameters()) {
      const auto found = content.tensors.find("painter." + name);
      if (found != content.tensors.end()) {
        torch::Tensor(parameter).copy_(found->second);
      }
    }
    if (content.tensors.count("reader.mean") > 0) {
      reader_.load(content, "reader.");
    }
    small_reader_has_learnt_ = small_reader_.load(content);
    const auto family = content.metadata.find("base");
    family_ = family == content.metadata.end() ? "" : family->second;
  }

  PooledStyle draw_style(StepChance& chance) const {
    torch::Tensor picture = pool_source_->draw(chance);
    if (!together_) {
      return {target_of(perceptual_, picture), {}};
    }
    picture = square_of(picture, chance);
    return {target_of(perceptual_, picture),
            (scaled(picture, kReadAt, kReadAt) * 255).round().to(torch::kUInt8)};
  }

  static torch::Tensor read_at(const PooledStyle& style) {
    return style.bytes.to(torch::kFloat) / 255;
  }

  void fill_pool() {
    progress_.begin("styles", options_.pool, 0, {"styles", "styles/s"});
    for (int i = 0; i < options_.pool; ++i) {
      StepChance chance(options_.seed, -1 - i);
      pool_.push_back(draw_style(chance));
      progress_.advance(i + 1, 0);
      throw_if_interrupted();
    }
    progress_.end(true);
  }

  void refresh(StepChance& chance, std::int64_t step) {
    if (step % kStepsPerNewStyle == 0) {
      pool_[static_cast<std::size_t>(chance.index(static_cast<std::int64_t>(pool_.size())))] =
          draw_style(chance);
    }
  }

  /// The code of a style of the pool, as whoever reads it now tells it.
  torch::Tensor code_of(const PooledStyle& style) const {
    return together_ ? small_reader_.codes(small_reader_.impressions(read_at(style)))
                     : reader_.codes(reader_.impressions(style.target.statistics));
  }

  Losses one_step(StepChance& chance, const Course& course) {
    std::vector<torch::Tensor> each_code;
    std::vector<std::vector<torch::Tensor>> stages(4);
    for (int i = 0; i < options_.batch; ++i) {
      const PooledStyle& style =
          pool_[static_cast<std::size_t>(chance.index(static_cast<std::int64_t>(pool_.size())))];
      each_code.push_back(code_of(style));
      for (std::size_t stage = 0; stage < stages.size(); ++stage) {
        stages[stage].push_back(style.target.grams[stage]);
      }
    }
    std::vector<torch::Tensor> grams;
    for (const auto& stage : stages) {
      grams.push_back(torch::cat(stage));
    }
    const Crops crops = random_crops(photos_, options_.batch, options_.side, chance);
    const auto codes = torch::cat(each_code);
    LossWeights weights;
    weights.largest_style = 4;
    const Losses losses = back_propagate(net_, perceptual_, crops, codes, grams, weights);
    adam_.step(options_.rate * falling_rate(course.fraction(), course.step(), 100), kClip);
    return losses;
  }

  /// The code of a painting [1,3,H,W] as the training reads it, and as the reader that ships does.
  torch::Tensor code_by_statistics(const torch::Tensor& painting) {
    return reader_.codes(
        reader_.impressions(target_of(perceptual_, with_short_side(painting, kSeenAt)).statistics));
  }

  static torch::Tensor with_short_side(const torch::Tensor& picture, int side) {
    const double zoom = side / static_cast<double>(std::min(picture.size(2), picture.size(3)));
    return scaled(picture, std::lround(static_cast<double>(picture.size(2)) * zoom),
                  std::lround(static_cast<double>(picture.size(3)) * zoom));
  }

  /// Tells the style loss of paintings learnt and held back, on photos never learnt from, and shows
  /// a photo in the style of each.
  void judge_by(const std::string& reader,
                const std::function<torch::Tensor(const torch::Tensor&)>& code_of) {
    const torch::NoGradGuard no_gradients;
    const auto judged = [&](const std::string& which, const std::vector<Photo>& paintings) {
      std::string text;
      double sum = 0;
      std::vector<Picture> photos;
      std::vector<Picture> painted;
      std::vector<std::string> names;
      const std::size_t count = std::min(kPaintingsToJudge, paintings.size());
      for (std::size_t i = 0; i < count; ++i) {
        const torch::Tensor picture = to_tensor(paintings[i]);
        const torch::Tensor code = code_of(picture);
        const double loss =
            style_on_photos(target_of(perceptual_, with_short_side(picture, kSeenAt)), code);
        sum += loss;
        names.push_back(std::filesystem::path(paintings[i].name).stem().string());
        text += fmt::format(" {} {:.3f}", names.back(), loss);
        const torch::Tensor photo = judging_square(i % judging_photos_.size());
        photos.push_back(picture_of(photo));
        painted.push_back(picture_of(net_.paint_exactly(photo.to(compute_.device), code)));
      }
      progress_.note(fmt::format("  style of paintings {}: {:.4f} ={}", which,
                                 sum / static_cast<double>(std::max<std::size_t>(1, count)), text));
      if (!options_.preview.empty() && count > 0) {
        write_preview(
            options_.preview / fmt::format("{}-{}-{:06}.png", which, reader, step_),
            preview_title(fmt::format("{}, code by the {}", which, reader), step_, seconds_),
            photos, painted, names);
      }
    };
    judged("learnt", learnt_);
    judged("held-back", held_);
  }

  void judge_teacher() {
    judge_by("teacher", [&](const torch::Tensor& picture) { return code_by_statistics(picture); });
  }

  void judge_reader() {
    judge_by("reader", [&](const torch::Tensor& picture) {
      return small_reader_.codes(small_reader_.impressions(with_short_side(picture, kReadAt)));
    });
  }

  void judge() { together_ ? judge_reader() : judge_teacher(); }

  /// The code of each style in the pool.
  torch::Tensor codes_of_pool() {
    const torch::NoGradGuard no_gradients;
    std::vector<torch::Tensor> all;
    for (const PooledStyle& style : pool_) {
      all.push_back(code_of(style));
    }
    return torch::cat(all);
  }

  /// Teaches the reader that ships and writes both files.
  void write() {
    ReaderOptions reader_options;
    reader_options.minutes = options_.reader_minutes;
    reader_options.seed = options_.seed;
    reader_options.fresh = !small_reader_has_learnt_;
    if (options_.reader_minutes > 0 && !together_) {
      teach_reader(small_reader_, reader_, perceptual_, *pool_source_, reader_options, progress_);
      small_reader_has_learnt_ = true;
      save();
      judge_reader();
    }
    network::Metadata metadata{{"steps", std::to_string(step_)}, {"stroke", "1"}};
    if (!family_.empty()) {
      metadata["base"] = family_;
    }
    store::write_all((options_.out / network::kPainterFile).string(),
                     network::write_base(net_.weights(true), metadata), true);
    if (small_reader_has_learnt_) {
      store::write_all((options_.out / network::kReaderFile).string(),
                       network::write_reader(small_reader_.weights(), metadata), true);
    }
  }

  /// Of a photo that is not learnt from.
  [[nodiscard]] torch::Tensor judging_square(std::size_t index) const {
    const torch::Tensor picture = to_tensor(judging_photos_.at(index));
    const auto side = std::min(picture.size(2), picture.size(3));
    return scaled(picture.slice(2, 0, side).slice(3, 0, side), kJudgedSide, kJudgedSide);
  }

  static Picture picture_of(const torch::Tensor& picture) {
    const torch::Tensor planes = picture.cpu().contiguous();
    return to_picture(planes.data_ptr<float>(),
                      {static_cast<int>(planes.size(3)), static_cast<int>(planes.size(2))});
  }

  double style_on_photos(const Target& target, const torch::Tensor& code) {
    double sum = 0;
    for (std::size_t i = 0; i < judging_photos_.size(); ++i) {
      const auto painted = net_.paint(judging_square(i).to(compute_.device), code);
      sum += style_loss(grams(perceptual_(painted, 4), 4), target.grams).item<double>();
    }
    return sum / static_cast<double>(judging_photos_.size());
  }

  [[nodiscard]] std::filesystem::path checkpoint_file() const {
    return options_.out / "base.checkpoint";
  }

  void save() const {
    SafeTensors content;
    for (const auto& [name, parameter] : net_.parameters()) {
      content.tensors["painter." + name] = parameter;
    }
    for (const auto& [name, parameter] : reader_.parameters()) {
      content.tensors["reader." + name] = parameter;
    }
    adam_.save(content, "adam.");
    if (small_reader_has_learnt_) {
      small_reader_.save(content);
    }
    if (together_) {
      content.metadata[kTogether] = "yes";
    }
    if (!family_.empty()) {
      content.metadata["base"] = family_;
    }
    content.metadata["step"] = std::to_string(step_);
    content.metadata["seconds"] = std::to_string(seconds_);
    store::write_all(checkpoint_file().string(), write_safetensors(content), true);
  }

  const BaseOptions& options_;
  Progress& progress_;
  Compute compute_;
  Perceptual perceptual_;
  PaintingNet net_;
  StatisticsReader reader_;
  ReaderNet small_reader_;
  bool small_reader_has_learnt_ = false;
  bool together_ = false;  ///< The small reader reads the styles, and learns with the painter.
  std::string family_;     ///< SHA-256 of the first base in a line of them; empty: this is it.
  Adam adam_;
  PhotoSets photos_;  ///< One set.
  std::vector<Photo> learnt_;
  std::vector<Photo> held_;
  std::vector<Photo> judging_photos_;
  std::unique_ptr<StylePool> pool_source_;
  std::vector<PooledStyle> pool_;
  std::int64_t step_ = 0;
  double seconds_ = 0;
};

}  // namespace

void learn_base(const BaseOptions& options, Progress& progress) {
  BaseTraining training(options, progress);
  training.run();
}

}  // namespace impasto::learn

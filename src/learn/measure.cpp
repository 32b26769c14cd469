#include "learn/measure.h"

#include <fmt/format.h>
#include <torch/torch.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "base/interrupt.h"
#include "learn/losses.h"

namespace impasto::learn {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<int, 3> kPeriods{8, 4, 2};

torch::Tensor to_tensor(const std::vector<float>& planes, const Size& size) {
  return torch::from_blob(const_cast<float*>(planes.data()), {1, 3, size.height, size.width})
      .clone();
}

GridMeasures grid_of(const std::vector<torch::Tensor>& pictures) {
  const torch::Tensor batch = torch::cat(pictures);
  GridMeasures grid;
  const torch::Tensor power = grid_power(batch);
  for (std::size_t i = 0; i < grid.power.size(); ++i) {
    grid.power.at(i) = power[static_cast<std::int64_t>(i)].item<double>();
  }
  constexpr double kLevels = 255;
  grid.phase_means =
      phase_means(batch).select(1, 0).flatten(0, 1).mean(0).abs().max().item<double>() * kLevels;
  return grid;
}

/// A measure's name, its value, that of the photos themselves, and how to read it.
std::string row(const std::string& name, const std::string& value, const std::string& photos,
                const std::string& meaning) {
  std::string line = fmt::format("{:<22}{:>10}{:>10}   {}", name, value, photos, meaning);
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

Json to_json(const GridMeasures& grid) {
  Json json;
  for (std::size_t i = 0; i < kPeriods.size(); ++i) {
    json[fmt::format("period_{}", kPeriods.at(i))] = {
        {"along_rows", grid.power.at(i)}, {"along_columns", grid.power.at(i + kPeriods.size())}};
  }
  return json;
}

}  // namespace

StyleMeasures measure(std::istream& painted_photos, const torch::Tensor& painting,
                      const Perceptual& perceptual, Progress& progress) {
  const torch::NoGradGuard no_gradients;
  const torch::Device device = perceptual.device();
  const auto target = grams(perceptual(painting.to(device), kStyleStages), kStyleStages);
  StyleMeasures result;
  std::vector<torch::Tensor> sources;
  std::vector<torch::Tensor> paintings;
  while (const auto photo = media::read_painted_photo(painted_photos)) {
    throw_if_interrupted();
    const torch::Tensor source = to_tensor(photo->source, photo->size);
    const torch::Tensor painted = to_tensor(photo->painted, photo->size);
    const Features seen = perceptual(painted.to(device), kStyleStages);
    const Features wanted = perceptual(source.to(device), kStyleStages);
    const PhotoMeasures one{
        photo->name, style_loss(grams(seen, kStyleStages), target).item<double>(),
        content_loss(seen, wanted).item<double>(),
        shift_loss(painted, to_tensor(photo->moved, photo->size), photo->dy, photo->dx)
            .item<double>()};
    result.style += one.style;
    result.content += one.content;
    result.shift += one.shift;
    result.each.push_back(one);
    sources.push_back(source);
    paintings.push_back(painted);
    progress.advance(static_cast<std::int64_t>(result.each.size()), 0);
  }
  if (result.each.empty()) {
    throw Error(ExitCode::bad_input, "there is no painted photo to measure");
  }
  const auto count = static_cast<double>(result.each.size());
  result.style /= count;
  result.content /= count;
  result.shift /= count;
  result.photos = grid_of(sources);
  result.painted = grid_of(paintings);
  return result;
}

std::string to_table(const StyleMeasures& measures, const std::string& style) {
  std::string text = fmt::format("{} on {} photo{}\n\n", style, measures.each.size(),
                                 measures.each.size() == 1 ? "" : "s");
  text += row("", "painted", "photos", "");
  text += row("style loss", fmt::format("{:.4f}", measures.style), "",
              "from the painting; less is nearer");
  text += row("content loss", fmt::format("{:.3f}", measures.content), "",
              "from the photo; less is nearer");
  text += row("shift error", fmt::format("{:.5f}", measures.shift), "",
              "when the photo moves; less is steadier");
  for (std::size_t i = 0; i < measures.painted.power.size(); ++i) {
    const bool rows = i < kPeriods.size();
    text += row(fmt::format("grid, period {} {}", kPeriods.at(i % kPeriods.size()),
                            rows ? "rows" : "columns"),
                fmt::format("{:.2f}", measures.painted.power.at(i)),
                fmt::format("{:.2f}", measures.photos.power.at(i)),
                i == 0 ? "power against its neighbours; 1 is none" : "");
  }
  return text + row("phase means, 1/255", fmt::format("{:.3f}", measures.painted.phase_means),
                    fmt::format("{:.3f}", measures.photos.phase_means),
                    "places of a block apart; 0 is none");
}

std::string to_json(const StyleMeasures& measures, const std::string& style) {
  Json json{{"style", style},
            {"photos", measures.each.size()},
            {"style_loss", measures.style},
            {"content_loss", measures.content},
            {"shift_error", measures.shift},
            {"grid_power", to_json(measures.painted)},
            {"grid_power_of_photos", to_json(measures.photos)},
            {"phase_means", measures.painted.phase_means},
            {"phase_means_of_photos", measures.photos.phase_means},
            {"each", Json::array()}};
  for (const PhotoMeasures& one : measures.each) {
    json["each"].push_back({{"photo", one.name},
                            {"style_loss", one.style},
                            {"content_loss", one.content},
                            {"shift_error", one.shift}});
  }
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace impasto::learn

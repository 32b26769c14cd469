#include "job/film_calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"

namespace impasto::job {
namespace {

using engine::Calibration;
using Json = nlohmann::ordered_json;
using Seen = std::vector<std::pair<std::int64_t, Calibration>>;

/// Frames of less than this share of the shot's contrast are those of a fade.
constexpr double kFaded = 0.5;

/// How strong the picture itself is, by what the first norm sees of it.
double contrast(const Calibration& seen) {
  double sum = 0;
  for (const float deviation : seen.norms.front().deviation) {
    sum += deviation;
  }
  return sum;
}

Seen without_fades(const Seen& seen) {
  double most = 0;
  for (const auto& [pts, one] : seen) {
    most = std::max(most, contrast(one));
  }
  Seen kept;
  std::copy_if(seen.begin(), seen.end(), std::back_inserter(kept),
               [&](const auto& one) { return contrast(one.second) >= kFaded * most; });
  return kept;
}

Calibration common(const Seen& group) {
  std::vector<Calibration> all;
  all.reserve(group.size());
  for (const auto& [pts, one] : group) {
    all.push_back(one);
  }
  return engine::pooled(all);
}

bool alike(const Seen& group) {
  const Calibration together = common(group);
  return std::all_of(group.begin(), group.end(), [&](const auto& one) {
    return engine::distance(one.second, together) <= kAlike;
  });
}

/// Neighbours that are alike, in their order. One frame that stands alone between two groups that
/// would be alike without it is a flash, and left out.
std::vector<Seen> groups_of(const Seen& seen) {
  std::vector<Seen> groups{{seen.front()}};
  for (auto one = seen.begin() + 1; one != seen.end(); ++one) {
    Seen longer = groups.back();
    longer.push_back(*one);
    if (alike(longer)) {
      groups.back() = std::move(longer);
      continue;
    }
    const bool alone = groups.size() > 1 && groups.back().size() == 1;
    if (alone) {
      Seen around = groups[groups.size() - 2];
      around.push_back(*one);
      if (alike(around)) {
        groups.pop_back();
        groups.back() = std::move(around);
        continue;
      }
    }
    groups.push_back({*one});
  }
  return groups;
}

}  // namespace

Blend blend_at(const FilmCalibration& film, std::int64_t pts) {
  const auto& all = film.stretches;
  const auto after = std::upper_bound(
      all.begin(), all.end(), pts,
      [](std::int64_t time, const Stretch& one) { return time < one.from - one.fade / 2; });
  Blend blend{after == all.begin() ? 0 : static_cast<std::size_t>(after - all.begin()) - 1, 0};
  const Stretch& one = all[blend.stretch];
  const std::int64_t begun = pts - (one.from - one.fade / 2);
  if (blend.stretch > 0 && begun < one.fade) {
    const double share = (static_cast<double>(begun) + 0.5) / static_cast<double>(one.fade);
    --blend.stretch;
    blend.later = share * share * (3 - 2 * share);
  }
  return blend;
}

std::vector<Stretch> stretches_of(const Seen& seen, std::int64_t from, std::int64_t until,
                                  std::int64_t second) {
  const std::vector<Seen> groups = groups_of(without_fades(seen));
  std::vector<Stretch> stretches;
  for (std::size_t i = 0; i < groups.size(); ++i) {
    Stretch one;
    one.from = i == 0 ? from : (groups[i - 1].back().first + groups[i].front().first) / 2;
    Calibration together = common(groups[i]);
    if (together.activations.empty()) {
      together.activations = common(seen).activations;
    }
    one.calibration = std::make_shared<Calibration>(std::move(together));
    stretches.push_back(std::move(one));
  }
  for (std::size_t i = 1; i < stretches.size(); ++i) {
    const std::int64_t end = i + 1 < stretches.size() ? stretches[i + 1].from : until;
    // Half of a fade lies on either side, so none reaches into the next.
    stretches[i].fade =
        std::min({second, end - stretches[i].from, stretches[i].from - stretches[i - 1].from});
  }
  return stretches;
}

namespace {

Json stretch_json(const Stretch& one) {
  return {{"from", one.from},
          {"fade", one.fade},
          {"calibration", Json::parse(engine::to_json(*one.calibration))}};
}

Stretch stretch_from(const Json& json) {
  return {
      json.at("from"), json.at("fade"),
      std::make_shared<Calibration>(engine::calibration_from_json(json.at("calibration").dump()))};
}

}  // namespace

std::string to_lines(const std::vector<Stretch>& stretches) {
  std::string text;
  for (const Stretch& one : stretches) {
    text += stretch_json(one).dump() + "\n";
  }
  return text;
}

std::vector<Stretch> stretches_from_lines(const std::string& text) {
  std::vector<Stretch> stretches;
  try {
    std::size_t begin = 0;
    for (std::size_t end = text.find('\n'); end != std::string::npos;
         end = text.find('\n', begin)) {
      stretches.push_back(stretch_from(Json::parse(text.substr(begin, end - begin))));
      begin = end + 1;
    }
  } catch (const nlohmann::json::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("this is no calibration of a film: {}", failure.what()));
  }
  return stretches;
}

std::string to_json(const FilmCalibration& film) {
  Json stretches = Json::array();
  for (const Stretch& one : film.stretches) {
    stretches.push_back(stretch_json(one));
  }
  return Json{{"version", 2},
              {"precision", film.precision.precision},
              {"kept", film.precision.kept},
              {"psnr", film.precision.psnr},
              {"cuts", film.cuts},
              {"stretches", stretches}}
      .dump();
}

FilmCalibration film_calibration_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != 2 || json.at("stretches").empty()) {
      throw Error(ExitCode::bad_input,
                  "this calibration of a film is of another version, or empty");
    }
    FilmCalibration film;
    film.precision = {json.at("precision"), json.at("kept").get<std::set<std::string>>(),
                      json.at("psnr")};
    film.cuts = json.at("cuts").get<std::vector<std::int64_t>>();
    for (const Json& one : json.at("stretches")) {
      film.stretches.push_back(stretch_from(one));
    }
    return film;
  } catch (const nlohmann::json::exception& failure) {
    throw Error(ExitCode::bad_input,
                fmt::format("this is no calibration of a film: {}", failure.what()));
  }
}

}  // namespace impasto::job

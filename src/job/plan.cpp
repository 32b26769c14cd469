#include "job/plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/sha256.h"

namespace impasto::job {
namespace {

using Json = nlohmann::ordered_json;

constexpr int kVersion = 3;

template <typename Value>
Json or_null(const std::optional<Value>& value) {
  return value ? Json(*value) : Json();
}

Json seconds_or_null(const std::optional<media::Seconds>& value) {
  return value ? Json(value->count()) : Json();
}

std::optional<media::Seconds> seconds_from(const Json& json) {
  return json.is_null() ? std::nullopt : std::optional(media::Seconds(json.get<double>()));
}

/// Those that change pictures or their encoding.
Json picture_options_json(const PaintOptions& options) {
  return {{"size", options.size},
          {"strength", options.mix.strength},
          {"keep_colour", options.mix.keep_colour},
          {"codec", options.encode.codec},
          {"quality", or_null(options.encode.quality)},
          {"preset", options.encode.preset},
          {"encoder_threads", options.encode.threads},
          {"device", options.device},
          {"precision", options.precision},
          {"live_norm", options.live_norm},
          {"stability", options.stability},
          {"stroke", or_null(options.stroke)},
          {"tile", options.tile},
          {"start", seconds_or_null(options.start)},
          {"duration", seconds_or_null(options.duration)},
          {"style_fade", static_cast<int>(options.style_fade.kind)},
          {"style_fade_seconds", options.style_fade.seconds.count()}};
}

PaintOptions options_from(const Json& json) {
  PaintOptions options;
  options.size = json.at("size");
  options.mix = {json.at("strength"), json.at("keep_colour")};
  options.encode.codec = json.at("codec");
  if (!json.at("quality").is_null()) {
    options.encode.quality = json.at("quality").get<int>();
  }
  options.encode.preset = json.at("preset");
  options.encode.threads = json.at("encoder_threads");
  options.device = json.at("device");
  options.precision = json.at("precision");
  options.live_norm = json.at("live_norm");
  options.stability = json.at("stability");
  options.stroke =
      json.at("stroke").is_null() ? std::nullopt : std::optional(json.at("stroke").get<double>());
  options.tile = json.at("tile");
  options.start = seconds_from(json.at("start"));
  options.duration = seconds_from(json.at("duration"));
  options.style_fade = {static_cast<StyleFade::Kind>(json.at("style_fade").get<int>()),
                        media::Seconds(json.at("style_fade_seconds").get<double>())};
  options.overwrite = json.at("overwrite");
  options.strict = json.at("strict");
  return options;
}

Json style_json(const PlannedStyle& style) {
  Json keys = Json::array();
  for (const CodeKey& key : style.keys) {
    keys.push_back({{"time", key.time.count()}, {"code", key.code}});
  }
  return {{"name", style.name}, {"title", style.title}, {"sha256", style.sha256}, {"keys", keys}};
}

PlannedStyle style_from(const Json& json) {
  PlannedStyle style{json.at("name"), json.at("title"), json.at("sha256"), {}};
  for (const Json& key : json.at("keys")) {
    style.keys.push_back(
        {media::Seconds(key.at("time").get<double>()), key.at("code").get<network::Code>()});
  }
  return style;
}

Json segment_json(const Segment& segment) {
  return {{"from", segment.from},
          {"until", segment.until},
          {"frames", segment.frames},
          {"warm_up", segment.warm_up},
          {"seek", segment.seek}};
}

/// The first, and how many frames follow at which step.
Json times_json(const std::vector<std::int64_t>& times) {
  Json steps = Json::array();
  std::int64_t count = 0;
  for (std::size_t i = 1; i < times.size(); ++i) {
    const std::int64_t step = times[i] - times[i - 1];
    ++count;
    if (i + 1 == times.size() || times[i + 1] - times[i] != step) {
      steps.push_back({count, step});
      count = 0;
    }
  }
  return {{"first", times.empty() ? 0 : times.front()}, {"steps", steps}};
}

std::vector<std::int64_t> times_from(const Json& json) {
  constexpr std::size_t kMost = 100'000'000;  // frames: a year and more
  std::vector<std::int64_t> times{json.at("first").get<std::int64_t>()};
  for (const Json& run : json.at("steps")) {
    const std::int64_t step = run.at(1);
    for (std::int64_t i = run.at(0); i > 0 && step > 0 && times.size() < kMost; --i) {
      times.push_back(times.back() + step);
    }
  }
  return times;
}

/// Which calibrations of a film the frames of a segment are painted by, by their digests.
Json calibration_json(const FilmCalibration& film, const std::vector<std::string>& digests,
                      const Segment& segment) {
  Json stretches = Json::array();
  if (!film.stretches.empty()) {
    const std::size_t first = blend_at(film, segment.warm_up).stretch;
    const Blend last = blend_at(film, segment.until - 1);
    const std::size_t end = std::min(film.stretches.size(), last.stretch + 2);
    for (std::size_t i = first; i < end; ++i) {
      const Stretch& one = film.stretches[i];
      stretches.push_back({one.from, one.fade, digests[i]});
    }
  }
  Json cuts = Json::array();
  for (auto cut = std::lower_bound(film.cuts.begin(), film.cuts.end(), segment.warm_up);
       cut != film.cuts.end() && *cut < segment.until; ++cut) {
    cuts.push_back(*cut);
  }
  return {{"stretches", stretches}, {"cuts", cuts}};
}

}  // namespace

std::string to_json(const Plan& plan) {
  Json options = picture_options_json(plan.options);
  options["overwrite"] = plan.options.overwrite;
  options["strict"] = plan.options.strict;
  Json segments = Json::array();
  for (const Segment& segment : plan.segments) {
    Json one = segment_json(segment);
    one["key"] = segment.key;
    segments.push_back(std::move(one));
  }
  return Json{
      {"version", kVersion},
      {"program", plan.program},
      {"input",
       {{"uri", plan.input.uri}, {"bytes", plan.input.bytes}, {"sha256", plan.input.sha256}}},
      {"output", plan.output},
      {"data", plan.data.empty() ? Json() : Json(plan.data)},
      {"style", style_json(plan.style)},
      {"options", options},
      {"time_base", {plan.time_base.num, plan.time_base.den}},
      {"times", times_json(plan.times)},
      {"durations", plan.durations},
      {"damage", plan.damage},
      {"segments", segments},
      {"cuts", plan.film.cuts},
      {"calibration", plan.calibration.empty() ? Json()
                                               : Json{{"object", plan.calibration},
                                                      {"stretches", plan.stretches},
                                                      {"precision", plan.film.precision.precision},
                                                      {"kept", plan.film.precision.kept},
                                                      {"psnr", plan.film.precision.psnr}}}}
      .dump();
}

Plan plan_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    if (json.at("version") != kVersion) {
      throw Error(ExitCode::bad_input, "this plan is of another version; plan the job anew");
    }
    Plan plan;
    plan.program = json.at("program");
    const Json& input = json.at("input");
    plan.input = {input.at("uri"), input.at("bytes"), input.at("sha256")};
    plan.output = json.at("output");
    plan.data = json.at("data").is_null() ? "" : json.at("data").get<std::string>();
    plan.style = style_from(json.at("style"));
    plan.options = options_from(json.at("options"));
    plan.time_base = {json.at("time_base").at(0), json.at("time_base").at(1)};
    plan.times = times_from(json.at("times"));
    plan.durations = json.at("durations").get<std::vector<std::pair<std::int64_t, std::int64_t>>>();
    plan.damage = json.at("damage").get<std::vector<std::string>>();
    for (const Json& one : json.at("segments")) {
      plan.segments.push_back({one.at("from"), one.at("until"), one.at("frames"), one.at("warm_up"),
                               one.at("seek"), one.at("key")});
    }
    if (const Json& film = json.at("calibration"); !film.is_null()) {
      plan.calibration = film.at("object");
      plan.stretches = film.at("stretches");
      plan.film.precision = {film.at("precision"), film.at("kept").get<std::set<std::string>>(),
                             film.at("psnr")};
    }
    plan.film.cuts = json.at("cuts").get<std::vector<std::int64_t>>();
    if (plan.segments.empty() || plan.times.empty() || plan.time_base.num <= 0 ||
        plan.time_base.den <= 0) {
      throw Error(ExitCode::bad_input, "this plan has no frames or no time base; plan anew");
    }
    return plan;
  } catch (const nlohmann::json::exception& failure) {
    throw Error(ExitCode::bad_input, fmt::format("this is no plan of a job: {}", failure.what()));
  }
}

bool same_request(const Plan& one, const Plan& other) {
  const auto request = [](const Plan& plan) {
    return Json{plan.program,
                plan.input.uri,
                plan.input.sha256,
                plan.output,
                plan.data,
                style_json(plan.style),
                picture_options_json(plan.options)};
  };
  return request(one) == request(other);
}

std::vector<std::string> segment_keys(const Plan& plan) {
  constexpr std::size_t kLetters = 16;
  const std::string whole = sha256(Json{
      {"program", plan.program},
      {"input", plan.input.sha256},
      {"style", style_json(plan.style)},
      {"options", picture_options_json(plan.options)},
      {"precision", plan.film.precision.precision},
      {"kept",
       plan.film.precision.kept}}.dump());
  std::vector<std::string> digests;
  for (const Stretch& stretch : plan.film.stretches) {
    digests.push_back(sha256(engine::to_json(*stretch.calibration)));
  }
  std::vector<std::string> keys;
  for (const Segment& one : plan.segments) {
    const Json all = {{"film", whole},
                      {"segment", segment_json(one)},
                      {"calibration", calibration_json(plan.film, digests, one)}};
    keys.push_back(sha256(all.dump()).substr(0, kLetters));
  }
  return keys;
}

namespace {

/// The key frame nearest to a time, where it lies within `reach`; else the time itself.
std::int64_t near_key(const std::vector<std::int64_t>& keys, std::int64_t time,
                      std::int64_t reach) {
  const auto after = std::lower_bound(keys.begin(), keys.end(), time);
  std::int64_t best = time;
  std::int64_t least = reach + 1;
  for (const auto& key : {after, after == keys.begin() ? after : std::prev(after)}) {
    if (key != keys.end() && std::abs(*key - time) < least) {
      best = *key;
      least = std::abs(*key - time);
    }
  }
  return best;
}

/// Times that segments begin at, and where no frame is any more.
std::vector<std::int64_t> borders_of(const FilmFrames& film) {
  const std::int64_t least = 4 * film.second;  // which a few short shots fill together
  const std::int64_t most = 10 * film.second;
  std::vector<std::int64_t> borders{film.times.front()};
  std::vector<std::int64_t> ends = film.cuts;
  ends.push_back(film.until);
  for (const std::int64_t end : ends) {
    const std::int64_t begin = borders.back();
    const std::int64_t length = end - begin;
    if (length < least && end != film.until) {
      continue;
    }
    const std::int64_t pieces = std::max<std::int64_t>(1, (length + most - 1) / most);
    for (std::int64_t piece = 1; piece < pieces; ++piece) {
      const std::int64_t time =
          near_key(film.keys, begin + length * piece / pieces, length / pieces / 2);
      if (time > borders.back() && time < end) {
        borders.push_back(time);
      }
    }
    borders.push_back(end);
  }
  return borders;
}

/// The last of `times` that is no later than `time`; the first where all are.
std::int64_t last_until(const std::vector<std::int64_t>& times, std::int64_t time,
                        std::int64_t otherwise) {
  const auto after = std::upper_bound(times.begin(), times.end(), time);
  return after == times.begin() ? otherwise : *std::prev(after);
}

}  // namespace

std::vector<Segment> segments_of(const FilmFrames& film, int warm_up) {
  const std::vector<std::int64_t>& times = film.times;
  const std::vector<std::int64_t> borders = borders_of(film);
  std::vector<Segment> segments;
  auto first = times.begin();
  for (std::size_t i = 1; i < borders.size(); ++i) {
    const auto end = std::lower_bound(first, times.end(), borders[i]);
    if (end == first) {
      continue;
    }
    Segment one;
    one.from = *first;
    one.until = end == times.end() ? film.until : *end;
    one.frames = end - first;
    const std::int64_t shot = last_until(film.cuts, one.from, times.front());
    const auto back = std::min<std::ptrdiff_t>(warm_up, first - times.begin());
    one.warm_up = std::max(shot, *(first - back));
    // Deinterlaced frames lean on those before them.
    const std::int64_t begin = film.interlaced ? one.warm_up - film.second / 2 : one.warm_up;
    one.seek = last_until(film.keys, begin, times.front());
    segments.push_back(one);
    first = end;
  }
  return segments;
}

std::vector<std::pair<std::int64_t, std::int64_t>> durations_in(const Plan& plan,
                                                                const Segment& segment) {
  std::vector<std::pair<std::int64_t, std::int64_t>> result;
  auto other = std::lower_bound(plan.durations.begin(), plan.durations.end(),
                                std::pair{segment.from, INT64_MIN});
  auto time = std::lower_bound(plan.times.begin(), plan.times.end(), segment.from);
  for (; time != plan.times.end() && *time < segment.until; ++time) {
    const auto next = std::next(time);
    std::int64_t duration = (next == plan.times.end() ? segment.until : *next) - *time;
    if (other != plan.durations.end() && other->first == *time) {
      duration = other->second;
      ++other;
    }
    result.emplace_back(*time, duration);
  }
  return result;
}

}  // namespace impasto::job

#include "job/measure_video_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "job/timecode.h"

namespace impasto::job {
namespace {

using Json = nlohmann::ordered_json;

Json difference_json(const temporal::Difference& difference, std::size_t pixels) {
  if (difference.places == 0) {
    return nullptr;
  }
  Json json;
  json["mse"] = difference.squared;
  json["mae"] = difference.absolute;
  json["share"] = static_cast<double>(difference.places) / static_cast<double>(pixels);
  return json;
}

/// `pixels`: how many there could have been.
Json measures_json(const FrameMeasure& measure, std::size_t pixels) {
  Json json;
  json["warping_error"] = difference_json(measure.warping, pixels);
  json["source_warping_error"] = difference_json(measure.source_warping, pixels);
  json["flicker"] = difference_json(measure.flicker, pixels);
  json["source_flicker"] = difference_json(measure.source_flicker, pixels);
  json["sharpness"] = measure.sharpness;
  json["source_sharpness"] = measure.source_sharpness;
  return json;
}

/// Frames that were compared with the one before.
std::size_t compared(const VideoMeasure& measure) {
  return static_cast<std::size_t>(
      std::count_if(measure.frames.begin(), measure.frames.end(),
                    [](const FrameMeasure& frame) { return frame.warping.places > 0; }));
}

std::string number_text(double value, std::size_t places) {
  return places > 0 ? fmt::format("{:.5f}", value) : "-";
}

std::string line(const char* name, const std::string& painting, const std::string& source,
                 const std::string& remark = "") {
  return fmt::format("{:<22}{:>10}{:>10}  {}", name, painting, source, remark);
}

std::string difference_line(const char* name, const temporal::Difference& painting,
                            const temporal::Difference& source, double temporal::Difference::*what,
                            const std::string& remark = "") {
  return line(name, number_text(painting.*what, painting.places),
              number_text(source.*what, source.places), remark);
}

std::string share_text(const temporal::Difference& difference, std::size_t all) {
  const double share =
      all > 0 ? static_cast<double>(difference.places) / static_cast<double>(all) : 0;
  return fmt::format("over {:.0f} % of the places", 100 * share);
}

std::string worst_line(const VideoMeasure& measure) {
  const auto worst = std::max_element(measure.frames.begin(), measure.frames.end(),
                                      [](const FrameMeasure& a, const FrameMeasure& b) {
                                        return a.warping.squared < b.warping.squared;
                                      });
  return fmt::format("least steady at {}: warping error {:.5f}\n",
                     time_code(media::Seconds(worst->seconds)), worst->warping.squared);
}

}  // namespace

std::string to_table(const VideoMeasure& measure) {
  const FrameMeasure all = overall(measure);
  const std::size_t pairs = compared(measure);
  const std::size_t places = pairs * measure.pixels;
  const double times = all.source_sharpness > 0 ? all.sharpness / all.source_sharpness : 0;
  std::string text = fmt::format("{}: {} frames, {} of them compared with the one before{}\n",
                                 measure.painted, measure.frames.size(), pairs,
                                 measure.flow.empty() ? "" : " along " + measure.flow);
  text += line("", "painting", "source") + "\n";
  text += difference_line("warping error (MSE)", all.warping, all.source_warping,
                          &temporal::Difference::squared, share_text(all.warping, places)) +
          "\n";
  text += difference_line("warping error (MAE)", all.warping, all.source_warping,
                          &temporal::Difference::absolute) +
          "\n";
  text += difference_line("flicker of still parts", all.flicker, all.source_flicker,
                          &temporal::Difference::absolute, share_text(all.flicker, places)) +
          "\n";
  text += line("sharpness", fmt::format("{:.5f}", all.sharpness),
               fmt::format("{:.5f}", all.source_sharpness), fmt::format("{:.2f} times", times)) +
          "\n";
  if (pairs > 1) {
    text += worst_line(measure);
  }
  // No line ends in spaces.
  for (std::size_t at = text.find(" \n"); at != std::string::npos; at = text.find(" \n")) {
    text.erase(at, 1);
  }
  return text;
}

std::string to_json(const VideoMeasure& measure) {
  Json json;
  json["painted"] = measure.painted;
  json["source"] = measure.source;
  json["flow"] = measure.flow.empty() ? Json(nullptr) : Json(measure.flow);
  json["compared"] = compared(measure);
  json["overall"] = measures_json(overall(measure), compared(measure) * measure.pixels);
  json["frames"] = Json::array();
  for (const FrameMeasure& frame : measure.frames) {
    Json one;
    one["seconds"] = frame.seconds;
    one["cut"] = frame.cut;
    one.update(measures_json(frame, measure.pixels));
    json["frames"].push_back(one);
  }
  return json.dump(2) + "\n";
}

Chart to_chart(const VideoMeasure& measure) {
  Chart chart{"How steady it is: " + measure.painted, {"seconds"}, {"values 0..1", true}, {}, 0};
  chart.series = {{"warping error (MSE)", {}, {}},
                  {"of the source", {}, {}},
                  {"flicker of still parts", {}, {}},
                  {"of the source", {}, {}}};
  const auto value = [](const temporal::Difference& difference, double number) {
    return difference.places > 0 ? number : std::nan("");
  };
  for (const FrameMeasure& frame : measure.frames) {
    const std::array<double, 4> values{value(frame.warping, frame.warping.squared),
                                       value(frame.source_warping, frame.source_warping.squared),
                                       value(frame.flicker, frame.flicker.absolute),
                                       value(frame.source_flicker, frame.source_flicker.absolute)};
    for (std::size_t i = 0; i < values.size(); ++i) {
      chart.series[i].x.push_back(frame.seconds);
      chart.series[i].y.push_back(values.at(i));
    }
  }
  return chart;
}

}  // namespace impasto::job

#include "job/paint_event.h"

#include <array>
#include <nlohmann/json.hpp>

namespace impasto::job {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<const char*, 5> kKinds{"ready", "frames", "done", "tried", "failed"};
constexpr std::array<const char*, 3> kOrders{"paint", "try", "unpainted"};

}  // namespace

std::string to_line(const PaintEvent& event) {
  Json json = {{"event", kKinds.at(static_cast<std::size_t>(event.kind))},
               {"peak_memory", event.peak_memory}};
  switch (event.kind) {
    case PaintEvent::Kind::ready:
      json["backend"] = event.painter.backend;
      json["device"] = event.painter.device;
      json["precision"] = event.painter.precision;
      json["threads"] = event.painter.threads;
      json["tile"] = {event.painter.tile.width, event.painter.tile.height};
      json["work"] = {event.work.width, event.work.height};
      break;
    case PaintEvent::Kind::failed:
      json["code"] = static_cast<int>(event.code);
      json["error"] = event.error;
      break;
    case PaintEvent::Kind::tried:
      json["seconds_a_frame"] = event.trial.seconds_a_frame;
      json["bytes_of_first"] = event.trial.bytes_of_first;
      json["bytes_a_frame"] = event.trial.bytes_a_frame;
      break;
    default:
      json["frames"] = event.frames;
  }
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<PaintEvent> event_from_line(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    PaintEvent event;
    const std::string kind = json.at("event");
    std::size_t index = 0;
    while (index < kKinds.size() && kind != kKinds.at(index)) {
      ++index;
    }
    if (index == kKinds.size()) {
      return std::nullopt;
    }
    event.kind = static_cast<PaintEvent::Kind>(index);
    event.peak_memory = json.at("peak_memory");
    switch (event.kind) {
      case PaintEvent::Kind::ready:
        event.painter.backend = json.at("backend");
        event.painter.device = json.at("device");
        event.painter.precision = json.at("precision");
        event.painter.threads = json.at("threads");
        event.painter.tile = {json.at("tile").at(0), json.at("tile").at(1)};
        event.work = {json.at("work").at(0), json.at("work").at(1)};
        break;
      case PaintEvent::Kind::failed:
        event.code = static_cast<ExitCode>(json.at("code").get<int>());
        event.error = json.at("error");
        break;
      case PaintEvent::Kind::tried:
        event.trial = {json.at("seconds_a_frame"), json.at("bytes_of_first"),
                       json.at("bytes_a_frame")};
        break;
      default:
        event.frames = json.at("frames");
    }
    return event;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::string to_line(const PaintOrder& order) {
  return Json{{kOrders.at(static_cast<std::size_t>(order.kind)), order.segment}}.dump();
}

std::optional<PaintOrder> order_from_line(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    for (std::size_t i = 0; i < kOrders.size(); ++i) {
      if (json.contains(kOrders.at(i))) {
        return PaintOrder{json.at(kOrders.at(i)).get<std::size_t>(),
                          static_cast<PaintOrder::Kind>(i)};
      }
    }
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace impasto::job

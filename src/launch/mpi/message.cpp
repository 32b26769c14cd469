#include "launch/mpi/message.h"

#include <nlohmann/json.hpp>

namespace impasto::launch {

using Json = nlohmann::json;

std::string to_line(const Message& message) {
  const Json json = {{"kind", static_cast<int>(message.kind)},
                     {"segment", message.task.segment},
                     {"of", message.task.frames},
                     {"attempt", message.task.attempt},
                     {"forgiven", message.task.forgiven},
                     {"last", message.task.last},
                     {"how", static_cast<int>(message.how)},
                     {"code", static_cast<int>(message.code)},
                     {"text", message.text},
                     {"frames", message.frames},
                     {"wish", message.wish},
                     {"part_alone", message.part_alone}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<Message> message_from_line(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    Message message;
    message.kind = static_cast<Message::Kind>(json.at("kind").get<int>());
    message.task.segment = json.at("segment");
    message.task.frames = json.at("of");
    message.task.attempt = json.at("attempt");
    message.task.forgiven = json.at("forgiven");
    message.task.last = json.at("last");
    message.how = static_cast<job::Outcome::Kind>(json.at("how").get<int>());
    message.code = static_cast<ExitCode>(json.at("code").get<int>());
    message.text = json.at("text");
    message.frames = json.at("frames");
    message.wish = json.at("wish");
    message.part_alone = json.at("part_alone");
    return message;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace impasto::launch

#include "launch/mpi/supervision.h"

#include <nlohmann/json.hpp>

namespace impasto::launch {

using Json = nlohmann::json;

std::string to_line(const RankZeroSign& sign) {
  const Json json = {{"rank_zero", sign.ended ? "ended" : "paints"},
                     {"frames", sign.frames},
                     {"total", sign.total},
                     {"code", static_cast<int>(sign.code)},
                     {"error", sign.error},
                     {"final", sign.final}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<RankZeroSign> sign_from_line(const std::string& line) {
  try {
    const Json json = Json::parse(line);
    RankZeroSign sign;
    sign.ended = json.at("rank_zero") == "ended";
    sign.frames = json.at("frames");
    sign.total = json.at("total");
    sign.code = static_cast<ExitCode>(json.at("code").get<int>());
    sign.error = json.at("error");
    sign.final = json.at("final");
    return sign;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

}  // namespace impasto::launch

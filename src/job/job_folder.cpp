#include "job/job_folder.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/error.h"
#include "store/store.h"

namespace impasto::job {
namespace {

using Json = nlohmann::ordered_json;

bool is_there(const std::string& uri) {
  return store::for_uri(uri).kind(uri) == store::Kind::object;
}

}  // namespace

JobFolder::JobFolder(std::string uri) : uri_(std::move(uri)) {
  while (uri_.size() > 1 && uri_.back() == '/') {
    uri_.pop_back();
  }
}

std::string JobFolder::segment(const Plan& plan, std::size_t number) const {
  return fmt::format("{}/segments/{:04}-{}.nut", uri_, number, segment_key(plan, number));
}

std::string JobFolder::unpainted_segment(const Plan& plan, std::size_t number) const {
  return fmt::format("{}/segments/{:04}-{}-unpainted.nut", uri_, number, segment_key(plan, number));
}

std::string JobFolder::status(std::size_t number) const {
  return fmt::format("{}/status/{:04}.json", uri_, number);
}

bool JobFolder::has_plan() const { return is_there(plan()); }

Plan JobFolder::read_plan() const {
  if (!has_plan()) {
    throw Error(ExitCode::bad_input, "there is no job in '" + uri_ +
                                         "': it has no plan.json; make one by 'impasto plan INPUT "
                                         "--style S -o OUTPUT --job " +
                                         uri_ + "'");
  }
  return plan_from_json(store::read_all(plan()));
}

bool JobFolder::is_done(const Plan& plan, std::size_t number) const {
  return is_there(segment(plan, number));
}

std::optional<SegmentStatus> JobFolder::read_status(std::size_t number) const {
  const std::string uri = status(number);
  if (!is_there(uri)) {
    return std::nullopt;
  }
  try {
    const Json json = Json::parse(store::read_all(uri));
    return SegmentStatus{json.at("state"),       json.at("attempt"), json.at("host"),
                         json.at("processor"),   json.at("frames"),  json.at("seconds"),
                         json.at("peak_memory"), json.at("error")};
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

void JobFolder::write_status(std::size_t number, const SegmentStatus& status) const {
  const Json json = {
      {"segment", number},
      {"state", status.state},
      {"attempt", status.attempt},
      {"host", status.host},
      {"processor", status.processor},
      {"frames", status.frames},
      {"seconds", status.seconds},
      {"fps", status.seconds > 0 ? static_cast<double>(status.frames) / status.seconds : 0.0},
      {"peak_memory", status.peak_memory},
      {"error", status.error}};
  store::write_all(this->status(number),
                   json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n", true);
}

void JobFolder::remove_strangers(const Plan& plan) const {
  const std::string folder = uri_ + "/segments";
  store::Store& store = store::for_uri(folder);
  if (store.kind(folder) != store::Kind::folder) {
    return;
  }
  std::set<std::string> ours;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    ours.insert(segment(plan, i));
    ours.insert(unpainted_segment(plan, i));
  }
  for (const std::string& one : store.list(folder)) {
    if (ours.count(one) == 0) {
      store.remove(one);
    }
  }
}

void JobFolder::remove() const {
  store::Store& store = store::for_uri(uri_);
  for (const std::string& folder : {uri_ + "/segments", uri_ + "/status"}) {
    store.remove(folder);
  }
  for (const std::string& object : {report(), style(), plan()}) {
    store.remove(object);
  }
}

}  // namespace impasto::job

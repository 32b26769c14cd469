#include "job/job_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "base/error.h"
#include "base/parallel.h"
#include "base/sha256.h"
#include "store/store.h"

namespace impasto::job {
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kCalibration = "calibration-";

bool is_there(const std::string& uri) {
  return store::for_uri(uri).kind(uri) == store::Kind::object;
}

std::string name_of(const std::string& uri) {
  const std::size_t slash = uri.rfind('/');
  return slash == std::string::npos ? uri : uri.substr(slash + 1);
}

std::string without_slashes(std::string uri) {
  while (uri.size() > 1 && uri.back() == '/') {
    uri.pop_back();
  }
  return uri;
}

/// What is in a folder; nothing where there is none.
std::vector<std::string> listed(const std::string& folder) {
  store::Store& store = store::for_uri(folder);
  return store.kind(folder) == store::Kind::folder ? store.list(folder)
                                                   : std::vector<std::string>();
}

std::string segments_folder(const std::string& job, const Plan& plan) {
  return (plan.data.empty() ? job : plan.data) + "/segments";
}

Json painter_json(const engine::PainterInfo& painter, Size work) {
  return {{"backend", painter.backend},
          {"device", painter.device},
          {"precision", painter.precision},
          {"threads", painter.threads},
          {"tile", {painter.tile.width, painter.tile.height}},
          {"worked_at", {work.width, work.height}}};
}

SegmentStatus status_from(const Json& json) {
  SegmentStatus status;
  status.state = json.at("state");
  status.key = json.value("key", "");
  status.attempt = json.at("attempt");
  status.forgiven = json.value("forgiven", 0);
  status.began = json.value("began", "");
  status.host = json.at("host");
  status.process = json.value("process", std::int64_t{0});
  status.processor = json.at("processor");
  if (const auto painter = json.find("engine"); painter != json.end() && painter->is_object()) {
    status.painter.backend = painter->at("backend");
    status.painter.device = painter->at("device");
    status.painter.precision = painter->at("precision");
    status.painter.threads = painter->at("threads");
    status.painter.tile = {painter->at("tile").at(0), painter->at("tile").at(1)};
    status.work = {painter->at("worked_at").at(0), painter->at("worked_at").at(1)};
  }
  status.frames = json.at("frames");
  status.seconds = json.at("seconds");
  status.peak_memory = json.at("peak_memory");
  status.error = json.at("error");
  return status;
}

/// The number that a name begins with, where that is one of `count`.
std::optional<std::size_t> number_in(const std::string& name, std::size_t count) {
  std::size_t number = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), number);
  return failure == std::errc() && number < count ? std::optional(number) : std::nullopt;
}

}  // namespace

std::size_t JobContents::count_painted() const {
  return static_cast<std::size_t>(std::count(painted.begin(), painted.end(), true));
}

JobFolder::JobFolder(std::string uri) : uri_(without_slashes(std::move(uri))) {}

std::string JobFolder::segment(const Plan& plan, std::size_t number) const {
  return fmt::format("{}/{:04}-{}.nut", segments_folder(uri_, plan), number,
                     plan.segments.at(number).key);
}

std::string JobFolder::unpainted_segment(const Plan& plan, std::size_t number) const {
  return fmt::format("{}/{:04}-{}-unpainted.nut", segments_folder(uri_, plan), number,
                     plan.segments.at(number).key);
}

std::string JobFolder::status(std::size_t number) const {
  return fmt::format("{}/status/{:04}.json", uri_, number);
}

std::string JobFolder::own_folder_in(const std::string& data) const {
  constexpr std::size_t kLetters = 8;
  return fmt::format("{}/{}-{}", without_slashes(data), name_of(uri_),
                     sha256(uri_).substr(0, kLetters));
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

void JobFolder::read_calibration(Plan& plan) const {
  if (plan.calibration.empty()) {
    return;
  }
  plan.film.stretches = stretches_from_lines(store::read_all(calibration(plan)));
  if (plan.film.stretches.size() != plan.stretches) {
    throw Error(ExitCode::bad_input,
                fmt::format("'{}' holds {} stretches where the plan has {}; plan the job anew",
                            calibration(plan), plan.film.stretches.size(), plan.stretches));
  }
}

void JobFolder::write_plan(const Plan& plan, const std::string& style) const {
  store::for_uri(report()).remove(report());  // of what was planned before
  store::write_all(this->style(), style, true);
  if (!plan.calibration.empty()) {
    store::write_all(calibration(plan), to_lines(plan.film.stretches), true);
  }
  write_wishes(plan);
}

void JobFolder::write_wishes(const Plan& plan) const {
  store::write_all(this->plan(), to_json(plan), true);
}

JobContents JobFolder::contents(const Plan& plan) const {
  const std::size_t count = plan.segments.size();
  JobContents found{std::vector<bool>(count), std::vector<bool>(count)};
  for (const std::string& uri : listed(segments_folder(uri_, plan))) {
    const std::string name = name_of(uri);
    if (const auto number = number_in(name, count);
        number && name == name_of(segment(plan, *number))) {
      found.painted[*number] = true;
    }
  }
  for (const std::string& uri : listed(uri_ + "/status")) {
    if (const auto number = number_in(name_of(uri), count)) {
      found.tried[*number] = true;
    }
  }
  return found;
}

bool JobFolder::is_done(const Plan& plan, std::size_t number) const {
  return is_there(segment(plan, number));
}

std::optional<SegmentStatus> JobFolder::read_status(const Plan& plan, std::size_t number) const {
  const std::string uri = status(number);
  if (!is_there(uri)) {
    return std::nullopt;
  }
  try {
    SegmentStatus status = status_from(Json::parse(store::read_all(uri)));
    const bool ours = status.key.empty() || status.key == plan.segments.at(number).key;
    return ours ? std::optional(std::move(status)) : std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

std::vector<std::optional<SegmentStatus>> JobFolder::read_statuses(
    const Plan& plan, const std::vector<std::size_t>& numbers) const {
  constexpr std::size_t kAtOnce = 16;  // they wait for the store more than they compute
  std::vector<std::optional<SegmentStatus>> found(numbers.size());
  for_each_index(
      numbers.size(), [&](std::size_t i) { found[i] = read_status(plan, numbers[i]); }, kAtOnce);
  return found;
}

void JobFolder::write_status(std::size_t number, const SegmentStatus& status) const {
  const Json json = {
      {"segment", number},
      {"key", status.key},
      {"state", status.state},
      {"attempt", status.attempt},
      {"forgiven", status.forgiven},
      {"began", status.began},
      {"host", status.host},
      {"process", status.process},
      {"processor", status.processor},
      {"engine",
       status.painter.backend.empty() ? Json() : painter_json(status.painter, status.work)},
      {"frames", status.frames},
      {"seconds", status.seconds},
      {"fps", status.seconds > 0 ? static_cast<double>(status.frames) / status.seconds : 0.0},
      {"peak_memory", status.peak_memory},
      {"error", status.error}};
  store::write_all(this->status(number),
                   json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n", true);
}

void JobFolder::remove_strangers(const Plan& plan) const {
  std::set<std::string> ours{plan.calibration};
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    ours.insert(name_of(segment(plan, i)));
    ours.insert(name_of(unpainted_segment(plan, i)));
  }
  for (const std::string& one : listed(segments_folder(uri_, plan))) {
    if (ours.count(name_of(one)) == 0) {
      store::for_uri(one).remove(one);
    }
  }
  for (const std::string& one : listed(uri_)) {
    if (name_of(one).starts_with(kCalibration) && ours.count(name_of(one)) == 0) {
      store::for_uri(one).remove(one);
    }
  }
}

void JobFolder::remove() const {
  try {
    if (const std::string data = has_plan() ? read_plan().data : ""; !data.empty()) {
      store::for_uri(data).remove(data);
    }
  } catch (const Error& error) {
    if (error.code() != ExitCode::bad_input) {
      throw;
    }
    // A plan of another version: what it names elsewhere nobody can tell.
  }
  store::Store& store = store::for_uri(uri_);
  for (const char* folder : {"/segments", "/status", "/logs"}) {
    store.remove(uri_ + folder);
  }
  for (const std::string& one : listed(uri_)) {
    if (name_of(one).starts_with(kCalibration)) {
      store.remove(one);
    }
  }
  for (const std::string& object : {report(), style(), plan()}) {
    store.remove(object);
  }
}

}  // namespace impasto::job

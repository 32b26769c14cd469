#include "job/job_log.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/error.h"
#include "job/machine.h"
#include "store/store.h"

namespace impasto::job {
namespace {

/// "20261127T120000123Z", for names.
std::string short_stamp() {
  std::string text = time_stamp();
  std::erase_if(text, [](char letter) { return letter == '-' || letter == ':' || letter == '.'; });
  return text;
}

}  // namespace

std::string time_stamp() {
  const auto now =
      std::chrono::time_point_cast<std::chrono::milliseconds>(std::chrono::system_clock::now());
  const auto milliseconds = now.time_since_epoch().count() % 1000;
  return fmt::format("{:%FT%T}.{:03}Z", fmt::gmtime(std::chrono::system_clock::to_time_t(now)),
                     milliseconds);
}

JobLog::JobLog(JobFolder job, std::size_t segment, int attempt)
    : job_(std::move(job)),
      name_(fmt::format("{:04}-{}", segment, attempt)),
      segment_(segment),
      attempt_(attempt),
      host_(host_name()) {}

JobLog::JobLog(JobFolder job, const std::string& task)
    : job_(std::move(job)),
      name_(fmt::format("{}-{}-{}-{}", task, short_stamp(), host_name(), getpid())),
      host_(host_name()) {}

std::optional<std::string> JobLog::write() const {
  try {
    store::write_all(job_.log(name_), lines_, true);
    return std::nullopt;
  } catch (const Error& error) {
    return error.what();
  }
}

void JobLog::add(const char* level, const std::string& what) {
  using Json = nlohmann::ordered_json;
  Json line = {{"time", time_stamp()}, {"level", level}, {"job", job_.uri()}};
  if (segment_) {
    line["segment"] = *segment_;
    line["attempt"] = attempt_;
  }
  line["host"] = host_;
  line["process"] = getpid();
  line["what"] = what;
  lines_ += line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace impasto::job

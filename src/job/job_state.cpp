#include "job/job_state.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "store/store.h"

namespace impasto::job {

JobState state_of(const JobFolder& job) {
  const Plan plan = job.read_plan();
  JobState state;
  state.input = plan.input.uri;
  state.output = plan.output;
  state.segments = plan.segments.size();
  state.frames = static_cast<std::int64_t>(plan.times.size());
  const JobContents there = job.contents(plan);
  std::vector<std::size_t> tried;
  for (std::size_t i = 0; i < plan.segments.size(); ++i) {
    if (there.painted[i]) {
      ++state.done;
      state.frames_done += plan.segments[i].frames;
    }
    if (there.tried[i]) {
      tried.push_back(i);
    }
  }
  const std::vector<std::optional<SegmentStatus>> statuses = job.read_statuses(plan, tried);
  for (std::size_t i = 0; i < tried.size(); ++i) {
    const std::optional<SegmentStatus>& status = statuses[i];
    if (!status) {
      continue;
    }
    if (there.painted[tried[i]]) {
      state.worker_seconds += status->seconds;
    } else if (status->state == "failed") {
      state.failed.emplace_back(tried[i], *status);
    } else if (status->state == "painting") {
      ++state.painting;
    } else {
      ++state.again;
    }
  }
  state.finished = store::for_uri(job.report()).kind(job.report()) == store::Kind::object;
  return state;
}

std::string to_json(const JobState& state) {
  using Json = nlohmann::ordered_json;
  Json failed = Json::array();
  for (const auto& [number, status] : state.failed) {
    failed.push_back({{"segment", number},
                      {"attempts", status.attempt - status.forgiven},
                      {"host", status.host},
                      {"error", status.error}});
  }
  const Json json = {{"input", state.input},
                     {"output", state.output},
                     {"finished", state.finished},
                     {"segments", state.segments},
                     {"done", state.done},
                     {"painting", state.painting},
                     {"again", state.again},
                     {"failed", failed},
                     {"frames", state.frames},
                     {"frames_done", state.frames_done},
                     {"worker_seconds", state.worker_seconds}};
  return json.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

std::string summary(const JobState& state) {
  std::string text =
      fmt::format("{} -> {}: {} of {} segments ({} of {} frames) are painted", state.input,
                  state.output, state.done, state.segments, state.frames_done, state.frames);
  if (state.worker_seconds > 0) {
    text += fmt::format(", {:.1f} frames/s a worker",
                        static_cast<double>(state.frames_done) / state.worker_seconds);
  }
  if (state.painting > 0) {
    text += fmt::format(", {} begun", state.painting);
  }
  if (state.again > 0) {
    text += fmt::format(", {} to be tried again", state.again);
  }
  text += state.finished ? "; finished\n" : "\n";
  for (const auto& [number, status] : state.failed) {
    text += fmt::format("segment {} failed after {} attempts, on {}: {}\n", number,
                        status.attempt - status.forgiven, status.host, status.error);
  }
  return text;
}

}  // namespace impasto::job

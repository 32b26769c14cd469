#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/size.h"
#include "engine/painter.h"
#include "job/plan.h"

namespace impasto::job {

/// How a segment's painting went, last time somebody tried.
struct SegmentStatus {
  /// "painting", "done", "failed", "stopped" (on request) or "new" (tried, and to be tried again as
  /// if it had not been).
  std::string state;
  std::string key;    ///< The segment's.
  int attempt = 0;    ///< From 1 on; never the same number twice.
  int forgiven = 0;   ///< So many attempts do not count.
  std::string began;  ///< The attempt, as "2026-11-27T12:00:00.000Z".
  std::string host;
  std::int64_t process = 0;  ///< That painted, on the host.
  std::string processor;
  engine::PainterInfo painter;
  Size work;  ///< That the network worked at.
  std::int64_t frames = 0;
  double seconds = 0;
  std::uint64_t peak_memory = 0;  ///< Bytes, of the process that painted, so far.
  std::string error;
};

/// What lies in a job's folders, one value a segment.
struct JobContents {
  std::vector<bool> painted;
  std::vector<bool> tried;  ///< There is a status.

  [[nodiscard]] std::size_t count_painted() const;
};

/// Where a job keeps what belongs to it:
///   plan.json             what every worker goes by
///   calibration-HASH.jsonl  what it paints by, a stretch of film a line
///   style.onnx            the style
///   status/NNNN.json      how a segment's painting went
///   logs/                 what happened, lines of JSON: NNNN-ATTEMPT.jsonl, plan-*, work-*,
///   finish-* report.json           of the finished job
/// and, here or in the plan's data folder:
///   segments/NNNN-KEY.nut painted segments; one that is there is done
///   segments/NNNN-KEY-unpainted.nut  what stands for one that could not be painted
class JobFolder {
 public:
  explicit JobFolder(std::string uri);

  [[nodiscard]] const std::string& uri() const { return uri_; }
  [[nodiscard]] std::string plan() const { return uri_ + "/plan.json"; }
  [[nodiscard]] std::string calibration(const Plan& plan) const {
    return uri_ + "/" + plan.calibration;
  }
  [[nodiscard]] std::string style() const { return uri_ + "/style.onnx"; }
  [[nodiscard]] std::string report() const { return uri_ + "/report.json"; }
  [[nodiscard]] std::string log(const std::string& name) const {
    return uri_ + "/logs/" + name + ".jsonl";
  }
  [[nodiscard]] std::string segment(const Plan& plan, std::size_t number) const;
  /// The same with the source's frames, in place of one that cannot be painted.
  [[nodiscard]] std::string unpainted_segment(const Plan& plan, std::size_t number) const;
  [[nodiscard]] std::string status(std::size_t number) const;
  /// Where segments go that are to lie apart from all else, in `data`: a folder for this job alone.
  [[nodiscard]] std::string own_folder_in(const std::string& data) const;

  /// The plan, without the calibrations of its stretches. Throws Error(bad_input) with what to do
  /// when there is no plan or it is none.
  [[nodiscard]] Plan read_plan() const;
  [[nodiscard]] bool has_plan() const;
  /// Adds the calibrations.
  void read_calibration(Plan& plan) const;
  /// Writes what a plan is made of; the plan last, so that it is never there without the rest.
  void write_plan(const Plan& plan, const std::string& style) const;
  /// Replaces the plan by one that differs in the user's wishes alone.
  void write_wishes(const Plan& plan) const;

  /// Lists the folders, once each.
  [[nodiscard]] JobContents contents(const Plan& plan) const;
  [[nodiscard]] bool is_done(const Plan& plan, std::size_t number) const;
  /// Nothing where nobody has tried yet, or it was another plan's segment, or what is there cannot
  /// be read.
  [[nodiscard]] std::optional<SegmentStatus> read_status(const Plan& plan,
                                                         std::size_t number) const;
  /// The same of several, many at a time.
  [[nodiscard]] std::vector<std::optional<SegmentStatus>> read_statuses(
      const Plan& plan, const std::vector<std::size_t>& numbers) const;
  void write_status(std::size_t number, const SegmentStatus& status) const;
  /// Removes segments and calibrations that an earlier plan had and this one has not.
  void remove_strangers(const Plan& plan) const;
  /// Removes all that belongs to the job.
  void remove() const;

 private:
  std::string uri_;
};

}  // namespace impasto::job

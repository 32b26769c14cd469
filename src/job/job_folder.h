#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "job/plan.h"

namespace impasto::job {

/// How a segment's painting went, last time somebody tried.
struct SegmentStatus {
  std::string state;  ///< "painting", "done" or "failed".
  int attempt = 0;    ///< From 1 on.
  std::string host;
  std::string processor;
  std::int64_t frames = 0;
  double seconds = 0;
  std::uint64_t peak_memory = 0;  ///< Bytes, of the process so far.
  std::string error;
};

/// Where a job keeps what belongs to it:
///   plan.json             what every worker goes by
///   style.onnx            the style
///   segments/NNNN-KEY.nut painted segments; one that is there is done
///   segments/NNNN-KEY-unpainted.nut  what stands for one that could not be painted
///   status/NNNN.json      how it went
///   report.json           of the finished job
class JobFolder {
 public:
  explicit JobFolder(std::string uri);

  [[nodiscard]] const std::string& uri() const { return uri_; }
  [[nodiscard]] std::string plan() const { return uri_ + "/plan.json"; }
  [[nodiscard]] std::string style() const { return uri_ + "/style.onnx"; }
  [[nodiscard]] std::string report() const { return uri_ + "/report.json"; }
  [[nodiscard]] std::string segment(const Plan& plan, std::size_t number) const;
  /// The same with the source's frames, in place of one that cannot be painted.
  [[nodiscard]] std::string unpainted_segment(const Plan& plan, std::size_t number) const;
  [[nodiscard]] std::string status(std::size_t number) const;

  /// Throws Error(bad_input) with what to do when there is no plan or it is none.
  [[nodiscard]] Plan read_plan() const;
  [[nodiscard]] bool has_plan() const;
  [[nodiscard]] bool is_done(const Plan& plan, std::size_t number) const;
  /// Nothing where nobody has tried yet, or what is there cannot be read.
  [[nodiscard]] std::optional<SegmentStatus> read_status(std::size_t number) const;
  void write_status(std::size_t number, const SegmentStatus& status) const;
  /// Removes segments that an earlier plan had and this one has not.
  void remove_strangers(const Plan& plan) const;
  /// Removes all that belongs to the job.
  void remove() const;

 private:
  std::string uri_;
};

}  // namespace impasto::job

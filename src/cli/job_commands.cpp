#include <cstdio>
#include <memory>
#include <optional>
#include <string>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/crew_arguments.h"
#include "cli/paint_arguments.h"
#include "job/estimate.h"
#include "job/job_state.h"
#include "job/join.h"
#include "job/make_plan.h"
#include "job/paint_orders.h"
#include "job/work.h"
#include "launch/mpi/load_transport.h"
#include "launch/mpi/mpi_work.h"

namespace impasto::cli {
namespace {

struct PlanArguments {
  std::string input;
  std::string output;
  std::string job;
  std::string data;
  std::string progress = "auto";
  PaintArguments paint;
};

void run_plan(PlanArguments& arguments) {
  read_paint_options(arguments.paint);
  Progress progress(parse_progress_mode(arguments.progress));
  catch_interrupts();
  const job::JobFolder folder(arguments.job);
  const job::Plan plan = job::make_plan(arguments.input, arguments.output, arguments.paint.options,
                                        folder, arguments.data, progress);
  const std::optional<job::Estimate> estimate =
      job::estimate(folder, plan, arguments.paint.options.threads, progress);
  std::printf("%s: %zu frames in %zu segments%s; paint them by 'impasto work %s'\n",
              arguments.job.c_str(), plan.times.size(), plan.segments.size(),
              estimate ? (", " + job::to_string(*estimate)).c_str() : "", arguments.job.c_str());
  std::fflush(stdout);
  if (estimate) {
    job::check_room(*estimate, folder, plan);
  }
}

struct WorkArguments {
  std::string job;
  std::string segments;
  std::string shard;
  std::string progress = "auto";
  job::WorkOptions options;
  bool with_mpi = false;
  launch::MpiOptions mpi;
};

void run_work(WorkArguments& arguments) {
  if (!arguments.segments.empty() && !arguments.shard.empty()) {
    throw Error(ExitCode::usage, "--segments and --shard exclude each other; choose one");
  }
  if (!arguments.segments.empty()) {
    arguments.options.segments = job::parse_segments(arguments.segments);
  } else if (!arguments.shard.empty()) {
    arguments.options.segments = job::parse_shard(arguments.shard);
  }
  const job::JobFolder folder(arguments.job);
  const ProgressMode mode = parse_progress_mode(arguments.progress);
  job::WorkReport report;
  if (arguments.with_mpi) {
    launch::Transport& transport = launch::mpi_transport();
    catch_interrupts();  // after MPI, which has handlers of its own
    Progress progress(transport.rank() == 0 ? mode : ProgressMode::none);
    report = launch::work_as_rank(folder, arguments.options, arguments.mpi, transport, progress);
    if (transport.rank() != 0 || arguments.mpi.supervised) {
      return;  // somebody else says it
    }
  } else {
    catch_interrupts();
    Progress progress(mode);
    report = job::work(folder, arguments.options, progress);
  }
  std::printf("%s: %zu segments painted, %zu were done\n", arguments.job.c_str(), report.painted,
              report.were_done);
  if (const std::optional<Error> failure = job::failure_of(folder, report)) {
    throw *failure;
  }
}

struct FinishArguments {
  std::string job;
  std::size_t error_threshold = 0;
  std::string progress = "auto";
};

void run_finish(const FinishArguments& arguments) {
  Progress progress(parse_progress_mode(arguments.progress));
  catch_interrupts();
  const job::JobFolder folder(arguments.job);
  const job::JoinReport report = job::join(folder, arguments.error_threshold, progress);
  for (const std::string& loss : report.losses) {
    progress.note("warning: " + loss);
  }
  for (const std::string& problem : report.verification.problems) {
    progress.note("warning: " + problem);
  }
  for (const auto& [number, why] : report.unpainted) {
    progress.note(fmt::format("warning: segment {} is shown unpainted: {}", number, why));
  }
  std::printf("%s: %lld frames\n", report.output.c_str(),
              static_cast<long long>(report.verification.frames_out));
}

struct StatusArguments {
  std::string job;
  bool json = false;
};

void run_status(const StatusArguments& arguments) {
  const job::JobState state = job::state_of(job::JobFolder(arguments.job));
  std::fputs((arguments.json ? job::to_json(state) : job::summary(state)).c_str(), stdout);
}

struct RetryArguments {
  std::string job;
  std::string segments;
};

void run_retry(const RetryArguments& arguments) {
  const job::SegmentChoice chosen =
      arguments.segments.empty() ? job::SegmentChoice() : job::parse_segments(arguments.segments);
  const std::size_t count = job::retry(job::JobFolder(arguments.job), chosen);
  std::printf("%s: %zu segments that failed count as new; paint them by 'impasto work %s'\n",
              arguments.job.c_str(), count, arguments.job.c_str());
}

struct OrderArguments {
  std::string job;
  int threads = 0;
  pid_t parent = 0;
};

void run_clean(const std::string& uri) {
  const job::JobFolder folder(uri);
  static_cast<void>(folder.read_plan());  // what is no job stays
  folder.remove();
}

}  // namespace

void add_job_commands(CLI::App& app) {
  CLI::App* plan = app.add_subcommand("plan", "Plan a video's painting as a job for workers");
  auto planning = std::make_shared<PlanArguments>();
  plan->add_option("INPUT", planning->input, "The video")->required();
  plan->add_option("-o,--output", planning->output, "The painted file")->required();
  plan->add_option("--job,--artifacts", planning->job,
                   "The folder of the job: plan, statuses, logs, report")
      ->required();
  plan->add_option("--data", planning->data,
                   "Where segments go, in a folder of the job's own; otherwise into the job's");
  add_paint_options(*plan, planning->paint);
  add_progress(*plan, planning->progress);
  plan->callback([planning] { run_plan(*planning); });

  CLI::App* work = app.add_subcommand("work", "Paint what is missing of a planned job");
  auto working = std::make_shared<WorkArguments>();
  work->add_option("JOB", working->job, "The folder of the job")->required();
  work->add_option("--segments", working->segments, "Only these: 5 or 3-7");
  work->add_option("--shard", working->shard, "Only every N-th, from I on: I/N");
  add_work_options(*work, working->options);
  add_progress(*work, working->progress);
  work->add_flag("--mpi", working->with_mpi,
                 "As one of the processes that mpirun starts; the first hands out the segments");
  add_silence(*work, working->mpi.silence);
  work->add_flag("--supervised", working->mpi.supervised)->group("");
  work->callback([working] { run_work(*working); });

  CLI::App* finish = app.add_subcommand("finish", "Join a job's segments to the painted video");
  auto finishing = std::make_shared<FinishArguments>();
  finish->add_option("JOB", finishing->job, "The folder of the job")->required();
  finish
      ->add_option("--error-threshold", finishing->error_threshold,
                   "Segments that may have failed; they are shown unpainted")
      ->capture_default_str();
  add_progress(*finish, finishing->progress);
  finish->callback([finishing] { run_finish(*finishing); });

  CLI::App* status = app.add_subcommand("status", "Tell how far a job is");
  auto asking = std::make_shared<StatusArguments>();
  status->add_option("JOB", asking->job, "The folder of the job")->required();
  status->add_flag("--json", asking->json, "As JSON");
  status->callback([asking] { run_status(*asking); });

  CLI::App* retry = app.add_subcommand("retry", "Let failed segments of a job count as new again");
  auto again = std::make_shared<RetryArguments>();
  retry->add_option("JOB", again->job, "The folder of the job")->required();
  retry->add_option("--segments", again->segments, "Only these: 5 or 3-7");
  retry->callback([again] { run_retry(*again); });

  CLI::App* orders = app.add_subcommand("paint-segments", "What workers run; not for people");
  orders->group("");
  auto ordered = std::make_shared<OrderArguments>();
  orders->add_option("JOB", ordered->job)->required();
  orders->add_option("--threads", ordered->threads)->required();
  orders->add_option("--parent", ordered->parent)->required();
  orders->callback([ordered] {
    job::paint_orders(job::JobFolder(ordered->job), ordered->threads, ordered->parent);
  });

  CLI::App* clean = app.add_subcommand("clean", "Remove a job's plan, segments and records");
  auto uri = std::make_shared<std::string>();
  clean->add_option("JOB", *uri, "The folder of the job")->required();
  clean->callback([uri] { run_clean(*uri); });
}

}  // namespace impasto::cli

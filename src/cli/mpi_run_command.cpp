#include <cstdio>
#include <memory>
#include <string>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/crew_arguments.h"
#include "launch/mpi/hosts.h"
#include "launch/mpi/mpi_run.h"

namespace impasto::cli {
namespace {

struct MpiRunArguments {
  std::string job;
  std::string hosts;
  std::string host_file;
  std::string progress = "auto";
  launch::MpiRunOptions options;
};

void run_mpi_run(MpiRunArguments& arguments) {
  if (!arguments.hosts.empty() && !arguments.host_file.empty()) {
    throw Error(ExitCode::usage, "--hosts and --hostfile exclude each other; choose one");
  }
  if (!arguments.hosts.empty()) {
    arguments.options.hosts = launch::parse_hosts(arguments.hosts);
  } else if (!arguments.host_file.empty()) {
    arguments.options.hosts = launch::read_hosts(arguments.host_file);
  }
  Progress progress(parse_progress_mode(arguments.progress));
  catch_interrupts();
  const launch::MpiRunReport report =
      launch::mpi_run(job::JobFolder(arguments.job), arguments.options, progress);
  const std::string more =
      report.launches > 1 ? fmt::format("; mpirun was started {} times", report.launches) : "";
  std::printf("%s: %zu segments painted, %zu were done%s\n", arguments.job.c_str(), report.painted,
              report.were_done, more.c_str());
}

}  // namespace

void add_mpi_run_command(CLI::App& app) {
  CLI::App* mpi_run = app.add_subcommand(
      "mpi-run",
      "Paint what is missing of a job by mpirun on several hosts, whatever happens to it");
  auto launching = std::make_shared<MpiRunArguments>();
  mpi_run->add_option("JOB", launching->job, "The folder of the job")->required();
  mpi_run
      ->add_option("-n", launching->options.ranks,
                   "Ranks; otherwise one for each slot of the hosts, or what mpirun takes")
      ->check(in_range(1, 100000));
  mpi_run->add_option("--hosts", launching->hosts, "HOST[:SLOTS],...: those that answer take part");
  mpi_run->add_option("--hostfile", launching->host_file, "The same in a file, a host a line");
  mpi_run->add_option("--agent", launching->options.agent, "Starts a command on a host")
      ->capture_default_str();
  mpi_run->add_option("--mpirun", launching->options.mpirun, "mpirun, with options of its own")
      ->capture_default_str();
  mpi_run
      ->add_option("--relaunches", launching->options.relaunches,
                   "How often in a row mpirun is started again though nothing was painted")
      ->check(in_range(0, 1000))
      ->capture_default_str();
  add_work_options(*mpi_run, launching->options.work);
  add_silence(*mpi_run, launching->options.silence);
  add_progress(*mpi_run, launching->progress);
  mpi_run->callback([launching] { run_mpi_run(*launching); });
}

}  // namespace impasto::cli

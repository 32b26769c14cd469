#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "base/interrupt.h"
#include "base/progress.h"
#include "cli/checks.h"
#include "cli/commands.h"
#include "cli/crew_arguments.h"
#include "cli/paint_arguments.h"
#include "job/inputs.h"
#include "job/option_words.h"
#include "job/paint.h"
#include "job/report.h"
#include "job/timecode.h"
#include "store/store.h"

namespace impasto::cli {
namespace {

/// The command line as it was typed.
struct Arguments {
  std::vector<std::string> inputs;
  std::string output;
  std::string report;
  std::string progress = "auto";
  PaintArguments paint;
};

void run(Arguments& arguments) {
  read_paint_options(arguments.paint);
  const job::PaintOptions& options = arguments.paint.options;
  Progress progress(parse_progress_mode(arguments.progress));
  const job::FileTasks tasks = job::plan_tasks(arguments.inputs, arguments.output);
  for (const std::string& note : tasks.notes) {
    progress.note(note);
  }
  if (tasks.tasks.size() > 1 && !options.preview.empty()) {
    throw Error(ExitCode::usage, "--preview is for one input; leave it out for several");
  }
  std::unique_ptr<store::Sink> report;  // begun now, so that it cannot fail for its name later
  if (!arguments.report.empty()) {
    report = store::for_uri(arguments.report).create(arguments.report, options.overwrite);
  }
  catch_interrupts();
  job::PaintSession session(options, progress);
  std::vector<job::PaintReport> reports;
  std::optional<Error> failure;
  for (const job::FileTask& task : tasks.tasks) {
    try {
      reports.push_back(session.paint(task.input, task.output));
      std::printf("%s\n", job::summary(reports.back()).c_str());
      std::fflush(stdout);
    } catch (const Error& error) {
      // One bad file does not stop the others; being told to stop does.
      if (tasks.tasks.size() == 1 || error.code() == ExitCode::interrupted) {
        throw;
      }
      progress.note("failed: " + std::string(error.what()));
      failure = error;
    }
  }
  if (report) {
    store::write_all(*report, job::to_json(reports));
  }
  if (failure) {
    throw Error(failure->code(), std::to_string(tasks.tasks.size() - reports.size()) + " of " +
                                     std::to_string(tasks.tasks.size()) +
                                     " files were not painted; the reasons stand above");
  }
}

}  // namespace

void add_paint_command(CLI::App& app) {
  CLI::App* command = app.add_subcommand("paint", "Paint videos and pictures in a style");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("INPUT", arguments->inputs, "Videos, pictures, folders or patterns")
      ->required();
  command->add_option("-o,--output", arguments->output, "The painted file, or a folder for several")
      ->required();
  add_paint_options(*command, arguments->paint);
  command->add_option("--preview", arguments->paint.options.preview,
                      "Also write a sheet of moments: a .png or .jpg");
  job::PaintOptions& options = arguments->paint.options;
  command->add_flag("--fresh", options.fresh,
                    "Begin anew, whatever an earlier run of this command has painted");
  command->add_option("--retries", options.retries, "How often a segment that fails is tried again")
      ->check(in_range(0, 1000))
      ->capture_default_str();
  command
      ->add_option("--error-threshold", options.error_threshold,
                   "Segments that may fail; they are shown unpainted")
      ->capture_default_str();
  add_crew_options(*command, options.crew);
  command->add_option("--report", arguments->report, "Also write what was checked, as JSON");
  add_progress(*command, arguments->progress);
  command->callback([arguments] { run(*arguments); });
}

}  // namespace impasto::cli

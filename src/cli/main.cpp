#include <malloc.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <new>
#include <string>

#include <CLI/CLI.hpp>

#include "base/error.h"
#include "cli/commands.h"
#include "media/av.h"

namespace {

int complain(impasto::ExitCode code, const std::string& sentence) {
  std::fprintf(stderr, "impasto: %s\n", sentence.c_str());
  return static_cast<int>(code);
}

int run(int argc, char** argv) {
  CLI::App app{
      "Impasto paints videos in the style of a painting, with all their sound, subtitles and "
      "timing.",
      "impasto"};
  app.set_version_flag("--version", std::string("impasto ") + IMPASTO_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  bool verbose = false;
  app.add_flag("--verbose", verbose, "Show what the media libraries say")
      ->trigger_on_parse()
      ->each([](const std::string&) { impasto::media::set_av_log(true); });
  impasto::cli::add_paint_command(app);
  impasto::cli::add_job_commands(app);
  impasto::cli::add_mpi_run_command(app);
  impasto::cli::add_preview_command(app);
  impasto::cli::add_styles_command(app);
  impasto::cli::add_learn_command(app);
  impasto::cli::add_measure_command(app);
  impasto::cli::add_compare_command(app);
  impasto::cli::add_export_command(app);
  impasto::cli::add_doctor_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) {
      return app.exit(error);  // --help, --version
    }
    return complain(
        impasto::ExitCode::usage,
        std::string(error.what()) + "; 'impasto --help' and 'impasto COMMAND --help' tell more");
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  // A full quota or a reader that went away shall be an error of the write, not a silent death.
  std::signal(SIGXFSZ, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  impasto::media::set_av_log(false);
  // Frames come and go by the megabyte: kept in the heap they need not be mapped and cleared anew.
  constexpr int kLargestFrame = 32 << 20;
  mallopt(M_MMAP_THRESHOLD, kLargestFrame);
  mallopt(M_TRIM_THRESHOLD, kLargestFrame);
  try {
    return run(argc, argv);
  } catch (const impasto::Error& error) {
    return complain(error.code(), error.what());
  } catch (const std::bad_alloc&) {
    return complain(impasto::ExitCode::unavailable,
                    "not enough memory; use a smaller --size or close other programs");
  } catch (const std::exception& error) {
    return complain(impasto::ExitCode::bug,
                    std::string("this should not have happened: ") + error.what());
  }
}

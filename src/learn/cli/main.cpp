#include <torch/version.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <new>
#include <string>
#include <string_view>
#include <system_error>

#include "base/error.h"
#include "base/interrupt.h"
#include "learn/cli/commands.h"
#include "learn/compute.h"
#include "media/av.h"

namespace {

constexpr const char* kWaitPolicy = "OMP_WAIT_POLICY";

int run(int argc, char** argv) {
  CLI::App app{"impasto-learn: learns styles; started by impasto learn and impasto measure"};
  app.name("impasto-learn");
  app.set_version_flag("--version", IMPASTO_VERSION " (libtorch " TORCH_VERSION ")");
  app.require_subcommand(1);
  impasto::learn::cli::add_base_command(app);
  impasto::learn::cli::add_chart_command(app);
  impasto::learn::cli::add_enlarger_command(app);
  impasto::learn::cli::add_learn_command(app);
  impasto::learn::cli::add_measure_command(app);
  impasto::learn::cli::add_paint_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(impasto::ExitCode::usage);
  }
  return 0;
}

/// libtorch's threads wait for each other many times a step, and by default by spinning: with
/// anything else running beside them they would take most of the machine to get little done. Their
/// library reads how to wait before this program's first line, so the program starts again once.
void wait_asleep(char** argv) {
  if (std::getenv(kWaitPolicy) == nullptr) {
    setenv(kWaitPolicy, "passive", 0);
    // By its name, which is what lists of processes show. Where this fails it is only slower.
    std::error_code ignored;
    execv(std::filesystem::read_symlink("/proc/self/exe", ignored).c_str(), argv);
  }
}

bool is_out_of_memory(const std::exception& error) {
  const std::string_view text = error.what();
  return dynamic_cast<const std::bad_alloc*>(&error) != nullptr ||
         text.find("allocate memory") != std::string_view::npos ||
         text.find("out of memory") != std::string_view::npos;
}

int fail(const char* sentence, impasto::ExitCode code) {
  std::fprintf(stderr, "impasto-learn: %s\n", sentence);
  return static_cast<int>(code);
}

}  // namespace

int main(int argc, char** argv) {
  wait_asleep(argv);
  impasto::learn::prepare_process();
  impasto::media::set_av_log(false);
  impasto::catch_interrupts();
  try {
    return run(argc, argv);
  } catch (const impasto::Error& error) {
    return fail(error.what(), error.code());
  } catch (const std::exception& error) {
    if (is_out_of_memory(error)) {
      return fail(
          "the memory is too small for this; close other programs, or give a smaller "
          "--stroke",
          impasto::ExitCode::unavailable);
    }
    return fail(error.what(), impasto::ExitCode::bug);
  }
}

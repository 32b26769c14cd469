#include <torch/version.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <string>

#include "base/error.h"
#include "base/interrupt.h"
#include "learn/cli/commands.h"
#include "media/av.h"

namespace {

int run(int argc, char** argv) {
  CLI::App app{"impasto-learn: learns styles; started by impasto learn and impasto measure"};
  app.name("impasto-learn");
  app.set_version_flag("--version", IMPASTO_VERSION " (libtorch " TORCH_VERSION ")");
  app.require_subcommand(1);
  impasto::learn::cli::add_base_command(app);
  impasto::learn::cli::add_learn_command(app);
  impasto::learn::cli::add_measure_command(app);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : static_cast<int>(impasto::ExitCode::usage);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  impasto::media::set_av_log(false);
  impasto::catch_interrupts();
  try {
    return run(argc, argv);
  } catch (const impasto::Error& error) {
    std::fprintf(stderr, "impasto-learn: %s\n", error.what());
    return static_cast<int>(error.code());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "impasto-learn: %s\n", error.what());
    return static_cast<int>(impasto::ExitCode::bug);
  }
}

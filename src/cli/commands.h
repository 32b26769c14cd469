#pragma once

namespace CLI {
class App;
}

namespace impasto::cli {

// One function a command, each in a file of its own: NAME_command.cpp. They parse, call and print;
// failures leave as impasto::Error and become a sentence and an exit code in main.
void add_paint_command(CLI::App& app);
void add_job_commands(CLI::App& app);  ///< plan, work, finish, status, ...
void add_mpi_run_command(CLI::App& app);
void add_preview_command(CLI::App& app);
void add_styles_command(CLI::App& app);
void add_learn_command(CLI::App& app);
void add_measure_command(CLI::App& app);
void add_compare_command(CLI::App& app);
void add_export_command(CLI::App& app);
void add_doctor_command(CLI::App& app);

}  // namespace impasto::cli

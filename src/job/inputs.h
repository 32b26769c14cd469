#pragma once

#include <string>
#include <vector>

namespace impasto::job {

/// One file to paint.
struct FileTask {
  std::string input;
  std::string output;
};

/// Inputs (files, folders, glob patterns) and where each goes.
struct FileTasks {
  std::vector<FileTask> tasks;
  std::vector<std::string> notes;  ///< Sentences: what was left out or renamed.
};

/// Works out all tasks. One file goes to `output` itself unless that is a folder (exists as one or
/// ends in a slash); several go into the folder `output` by their own names, with .mkv or .png in
/// place of extensions that Impasto does not write.
/// Throws Error(bad_input) for an input that is not there and for patterns or folders without
/// media, Error(usage) when several inputs would go to one file or onto an input.
FileTasks plan_tasks(const std::vector<std::string>& inputs, const std::string& output);

}  // namespace impasto::job

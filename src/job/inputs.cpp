#include "job/inputs.h"

#include <algorithm>
#include <map>
#include <set>

#include "base/error.h"
#include "media/output_plan.h"
#include "store/store.h"

namespace impasto::job {
namespace {

/// What is taken out of a folder; a file named on the command line may be called anything.
const std::set<std::string> kVideoInputs = {
    "mp4", "m4v", "mov", "mkv", "webm", "ts",  "mts", "m2ts", "avi", "mpg", "mpeg", "vob", "wmv",
    "asf", "flv", "mxf", "3gp", "ogv",  "ogm", "y4m", "gif",  "dv",  "m2v", "mj2",  "nut", "rm"};
const std::set<std::string> kStillInputs = {"png", "jpg",  "jpeg", "webp", "bmp",
                                            "tif", "tiff", "ppm",  "pgm",  "tga"};

std::string base_name(const std::string& uri) { return uri.substr(uri.rfind('/') + 1); }

std::string stem(const std::string& name) { return name.substr(0, name.rfind('.')); }

bool is_pattern(const std::string& text) { return text.find_first_of("*?[") != std::string::npos; }

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

struct Expanded {
  std::vector<std::string> files;
  bool several = false;  ///< A folder or pattern was among the inputs.
};

void add_media(const std::vector<std::string>& uris, const std::string& from, Expanded& expanded,
               std::vector<std::string>& notes) {
  std::size_t skipped = 0;
  const std::size_t before = expanded.files.size();
  for (const std::string& uri : uris) {
    const std::string extension = media::extension_of(uri);
    if (kVideoInputs.count(extension) > 0 || kStillInputs.count(extension) > 0) {
      expanded.files.push_back(uri);
    } else {
      ++skipped;
    }
  }
  if (expanded.files.size() == before) {
    throw Error(ExitCode::bad_input, "'" + from + "' holds no videos or pictures");
  }
  if (skipped > 0) {
    notes.push_back(std::to_string(skipped) + " files of '" + from +
                    "' are neither videos nor pictures by their names; they are left out");
  }
  expanded.several = true;
}

Expanded expand(const std::vector<std::string>& inputs, std::vector<std::string>& notes) {
  Expanded expanded;
  for (const std::string& input : inputs) {
    store::Store& store = store::for_uri(input);
    const store::Kind kind = store.kind(input);
    if (kind == store::Kind::object) {
      expanded.files.push_back(input);
    } else if (kind == store::Kind::folder) {
      add_media(store.list(input), input, expanded, notes);
    } else if (is_pattern(input)) {
      add_media(store.glob(input), input, expanded, notes);
    } else {
      throw Error(ExitCode::bad_input, "there is no file '" + input + "'; check the path");
    }
  }
  return expanded;
}

/// The name that a file gets in the output folder.
std::string output_name(const std::string& name, std::set<std::string>& taken,
                        std::vector<std::string>& notes) {
  const std::string extension = media::extension_of(name);
  const bool writable =
      has(media::video_extensions(), extension) || has(media::still_extensions(), extension);
  std::string result = name;
  if (!writable) {
    const std::string other = kStillInputs.count(extension) > 0 ? ".png" : ".mkv";
    result = stem(name) + other;
    if (taken.count(result) > 0) {
      result = name + other;
    }
    notes.push_back("'" + name + "' is painted to '" + result + "', since ." + extension +
                    " is not a container that Impasto writes");
  }
  if (!taken.insert(result).second) {
    throw Error(ExitCode::usage,
                "two inputs are called '" + name + "'; paint them into different folders");
  }
  return result;
}

}  // namespace

FileTasks plan_tasks(const std::vector<std::string>& inputs, const std::string& output) {
  FileTasks result;
  const Expanded expanded = expand(inputs, result.notes);
  const store::Kind kind = store::for_uri(output).kind(output);
  const bool folder = kind == store::Kind::folder || output.ends_with("/");
  const bool several = expanded.several || expanded.files.size() > 1;
  if (several && kind == store::Kind::object) {
    throw Error(ExitCode::usage, "'" + output +
                                     "' is a file, but there are several inputs; name a "
                                     "folder with -o FOLDER/");
  }
  const std::string extension = media::extension_of(output);
  if (several && !folder &&
      (kVideoInputs.count(extension) > 0 || kStillInputs.count(extension) > 0)) {
    throw Error(ExitCode::usage, "'" + output +
                                     "' is the name of one file, but there are several "
                                     "inputs; name a folder with -o FOLDER/");
  }
  if (!several && !folder) {
    result.tasks.push_back({expanded.files.front(), output});
  } else {
    std::set<std::string> taken;
    // Names that stay as they are go first, so that a renamed one steps aside.
    std::vector<std::string> files = expanded.files;
    for (const std::string& file : files) {
      const std::string name = base_name(file);
      if (has(media::video_extensions(), media::extension_of(name)) && !taken.insert(name).second) {
        throw Error(ExitCode::usage,
                    "two inputs are called '" + name + "'; paint them into different folders");
      }
    }
    const std::set<std::string> kept = taken;
    const std::string prefix = output.ends_with("/") ? output : output + "/";
    for (const std::string& file : files) {
      const std::string name = base_name(file);
      result.tasks.push_back(
          {file, prefix + (kept.count(name) > 0 ? name : output_name(name, taken, result.notes))});
    }
  }
  for (const FileTask& task : result.tasks) {
    store::Store& store = store::for_uri(task.output);
    const bool onto_input =
        std::any_of(expanded.files.begin(), expanded.files.end(),
                    [&](const std::string& file) { return store.same(file, task.output); });
    if (onto_input) {
      throw Error(ExitCode::usage,
                  "'" + task.output +
                      "' is an input; a painting is never written over its source, "
                      "choose another output");
    }
  }
  return result;
}

}  // namespace impasto::job

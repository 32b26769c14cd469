#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace impasto::style {

/// What a style's ONNX file says of itself (metadata_props). Empty where it says nothing.
struct Style {
  std::filesystem::path file;  ///< The ONNX file: input `image` [N,3,H,W] RGB 0..1, output alike.
  std::string name;            ///< What `--style` takes.
  std::string title;
  std::string painting;
  std::string licence;
  std::string author;
  std::string stroke;  ///< Stroke scale it was trained at.
  std::string steps;
  std::string losses;
  std::string sha256;  ///< Of the file's bytes.
};

/// The folders that styles are looked up in, first wins: $IMPASTO_STYLES (colon-separated), the
/// user's own ($XDG_DATA_HOME/impasto/styles or ~/.local/share/impasto/styles), the program's
/// (`../styles` and `../share/impasto/styles` beside the executable's folder).
std::vector<std::filesystem::path> search_folders();

/// Where `styles import` writes: the user's own folder, or the first of $IMPASTO_STYLES when set.
std::filesystem::path user_folder();

/// Finds a style by name in `search_folders()`, or reads the file when `name_or_file` is a path to
/// one, and checks that it keeps the style contract.
/// Throws Error(bad_input) naming the style and what to do (for an unknown name: the names there
/// are; for a net that must be imported first: the command that imports it; for a file that is no
/// ONNX net or no style net: what is wrong with it).
Style find(const std::string& name_or_file);

/// Whether there is a style of this name in `search_folders()`; it is not looked at.
bool is_known(const std::string& name);

/// Every style found, by name; a broken file is left out and added to `problems` as a sentence.
std::vector<Style> list(std::vector<std::string>* problems = nullptr);

}  // namespace impasto::style

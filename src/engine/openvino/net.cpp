#include "engine/openvino/net.h"

#include <fmt/format.h>

#include <openvino/frontend/manager.hpp>
#include <sstream>

#include "base/error.h"

namespace impasto::engine::openvino {

std::string reason(const std::exception& failure) {
  std::istringstream lines(failure.what());
  std::string sentence;
  for (std::string line; std::getline(lines, line);) {
    const bool is_place = line.rfind("Exception from ", 0) == 0 || line.rfind("Check '", 0) == 0 ||
                          line.rfind("FrontEnd API failed", 0) == 0;
    if (line.empty() || is_place) {
      continue;
    }
    sentence += (sentence.empty() ? "" : " ") + line;
  }
  constexpr std::size_t kLongest = 300;
  if (sentence.size() > kLongest) {
    sentence = sentence.substr(0, kLongest) + " ...";
  }
  while (!sentence.empty() && (sentence.back() == '.' || sentence.back() == ' ')) {
    sentence.pop_back();
  }
  return sentence.empty() ? "no reason given" : sentence;
}

std::shared_ptr<ov::Model> read_net(const std::filesystem::path& onnx_file) {
  try {
    // The loaded net keeps the front end's library in memory; the manager may go.
    ov::frontend::FrontEndManager manager;
    const auto reader = manager.load_by_framework("onnx");
    return reader->convert(reader->load(onnx_file.string()));
  } catch (const std::exception& failure) {
    throw Error(ExitCode::bad_input, fmt::format("{} cannot be read as an ONNX net: {}",
                                                 onnx_file.string(), reason(failure)));
  }
}

}  // namespace impasto::engine::openvino

#include "learn/safetensors.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <exception>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/error.h"

namespace impasto::learn {
namespace {

constexpr const char* kMetadata = "__metadata__";

torch::Dtype type_of(const std::string& name) {
  if (name == "F32") {
    return torch::kFloat;
  }
  if (name == "U8") {
    return torch::kUInt8;
  }
  throw std::runtime_error("type " + name);
}

torch::Tensor copy_tensor(const nlohmann::json& entry, std::string_view data) {
  const auto shape = entry.at("shape").get<std::vector<std::int64_t>>();
  const auto from = entry.at("data_offsets").at(0).get<std::size_t>();
  const auto to = entry.at("data_offsets").at(1).get<std::size_t>();
  torch::Tensor tensor = torch::empty(shape, type_of(entry.at("dtype").get<std::string>()));
  if (from > to || to > data.size() || to - from != tensor.nbytes()) {
    throw std::runtime_error("offsets");
  }
  std::memcpy(tensor.data_ptr(), data.data() + from, to - from);
  return tensor;
}

}  // namespace

SafeTensors read_safetensors(std::string_view bytes, const std::string& file) {
  std::uint64_t header_size = 0;
  try {
    if (bytes.size() < sizeof header_size) {
      throw std::runtime_error("length");
    }
    std::memcpy(&header_size, bytes.data(), sizeof header_size);
    bytes.remove_prefix(sizeof header_size);
    if (header_size > bytes.size()) {
      throw std::runtime_error("length");
    }
    const auto header = nlohmann::json::parse(bytes.substr(0, header_size));
    bytes.remove_prefix(header_size);
    SafeTensors content;
    for (const auto& [name, entry] : header.items()) {
      if (name == kMetadata) {
        content.metadata = entry.get<std::map<std::string, std::string>>();
      } else {
        content.tensors.emplace(name, copy_tensor(entry, bytes));
      }
    }
    return content;
  } catch (const std::exception&) {
    throw Error(ExitCode::bad_input, fmt::format("{} is damaged or no safetensors file", file));
  }
}

std::string write_safetensors(const SafeTensors& content) {
  nlohmann::json header;
  std::string data;
  for (const auto& [name, tensor] : content.tensors) {
    const bool bytes = tensor.scalar_type() == torch::kUInt8;
    const torch::Tensor plain =
        tensor.detach().to(torch::kCPU, bytes ? torch::kUInt8 : torch::kFloat).contiguous();
    const std::size_t from = data.size();
    data.append(static_cast<const char*>(plain.data_ptr()), plain.nbytes());
    header[name] = {{"dtype", bytes ? "U8" : "F32"},
                    {"shape", plain.sizes().vec()},
                    {"data_offsets", {from, data.size()}}};
  }
  if (!content.metadata.empty()) {
    header[kMetadata] = content.metadata;
  }
  const std::string text = header.dump();
  const std::uint64_t size = text.size();
  std::string file(sizeof size, '\0');
  std::memcpy(file.data(), &size, sizeof size);
  return file + text + data;
}

}  // namespace impasto::learn

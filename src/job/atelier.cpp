#include "job/atelier.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstddef>
#include <optional>
#include <system_error>

#include "base/error.h"
#include "base/sha256.h"
#include "base/terminal.h"
#include "engine/net_runner.h"
#include "job/local_net.h"
#include "job/painting.h"
#include "network/layers.h"
#include "network/models.h"
#include "network/network_file.h"
#include "store/remote_uri.h"
#include "store/store.h"

namespace impasto::job {
namespace {

namespace fs = std::filesystem;

bool is_there(const std::string& name) {
  if (store::is_remote(name)) {
    return store::for_uri(name).kind(name) != store::Kind::absent;
  }
  std::error_code ignored;
  return fs::exists(name, ignored);
}

/// Whether a file is to be taken as the picture of a painting: it is there and no net. Every ONNX
/// file that was ever written begins with the version of its form, which no picture does.
bool is_painting(const std::string& what) {
  std::error_code ignored;
  const bool file = store::is_remote(what) || fs::is_regular_file(what, ignored);
  if (style::is_known(what) || !file || fs::path(what).extension() == ".onnx") {
    return false;
  }
  constexpr std::byte kFirstByteOfOnnx{0x08};
  std::array<std::byte, 1> first{};
  store::for_uri(what).open(what)->read_at(0, first);
  return first.front() != kFirstByteOfOnnx;
}

std::string file_name(const std::string& path) {
  return printable(fs::path(path).filename().string());
}

std::string name_of(const std::string& path) { return printable(fs::path(path).stem().string()); }

/// A painting's file name as a title: without its ending, spaces for the signs that stand for them.
std::string title_of(const std::string& path) {
  std::string title = printable(fs::path(path).stem().string());
  std::replace(title.begin(), title.end(), '_', ' ');
  return title;
}

/// What a style made from a painting is called: the one in the cache may have been made from the
/// same picture under another name.
void name_after(style::Style& style, const std::string& painting) {
  style.name = name_of(painting);
  style.title = title_of(painting);
  style.painting = file_name(painting);
}

/// The style in a file of the cache, if it is one: a file that a full disk or a stranger spoilt is
/// made anew.
std::optional<style::Style> kept_style(const FileCache& cache, const std::string& key) {
  const auto file = cache.find(key);
  if (!file) {
    return std::nullopt;
  }
  try {
    static_cast<void>(network::read(store::read_all(file->string()), file->string()));
    return style::find(file->string());
  } catch (const Error&) {
    return std::nullopt;
  }
}

network::Code read_code(const fs::path& reader, const std::string& painting) {
  const engine::Tensor picture = read_painting(painting);
  engine::NetRunner net(reader);
  network::Code code = net.run(picture).values;
  const bool numbers =
      std::all_of(code.begin(), code.end(), [](float v) { return std::isfinite(v); });
  if (code.size() != network::kCodeLength || !numbers) {
    throw Error(ExitCode::bad_input,
                fmt::format("{} gives no code of {} numbers for a painting; it does not belong to "
                            "this version's base network",
                            reader.string(), network::kCodeLength));
  }
  return code;
}

/// A style's weights, and what tells whether they mix with others.
struct Ingredient {
  style::Style style;
  network::Weights weights;
  std::string base;  ///< SHA-256 of the base painter that it was made from; empty: unknown.
};

Ingredient ingredient(style::Style style) {
  const std::string file = style.file.string();
  const std::string bytes = store::read_all(file);
  try {
    network::Weights weights = network::read(bytes, file);
    network::Metadata metadata = network::read_metadata(bytes, file);
    return {std::move(style), std::move(weights), metadata["base"]};
  } catch (const Error&) {
    throw Error(ExitCode::bad_input,
                fmt::format("the style \"{}\" has no code to mix or to fade by, since its net is "
                            "not of Impasto's own form; take paintings, or styles made from them",
                            style.name));
  }
}

/// True when all are one base painter's with different codes.
bool differ_by_code(const std::vector<Ingredient>& parts) {
  return std::all_of(parts.begin(), parts.end(), [&](const Ingredient& part) {
    return network::same_convolutions(part.weights, parts.front().weights);
  });
}

[[noreturn]] void refuse_unlike(const std::vector<Ingredient>& parts, const char* what) {
  const auto other = std::find_if(parts.begin(), parts.end(), [&](const Ingredient& part) {
    return !network::same_convolutions(part.weights, parts.front().weights);
  });
  throw Error(ExitCode::bad_input, fmt::format(R"(the styles "{}" and "{}" {})",
                                               parts.front().style.name, other->style.name, what));
}

network::Weights mixed_weights(const std::vector<Ingredient>& parts,
                               const std::vector<StyleShare>& shares) {
  if (differ_by_code(parts)) {
    std::vector<std::pair<network::Code, double>> codes;
    for (std::size_t index = 0; index < parts.size(); ++index) {
      codes.emplace_back(network::code_of(parts[index].weights), shares[index].weight);
    }
    return network::bake(parts.front().weights, network::mix(codes));
  }
  const bool one_base = std::all_of(parts.begin(), parts.end(), [&](const Ingredient& part) {
    return !part.base.empty() && part.base == parts.front().base;
  });
  if (!one_base) {
    refuse_unlike(parts, "do not mix: they do not come from the same base painter");
  }
  std::vector<std::pair<network::Weights, double>> weights;
  for (std::size_t index = 0; index < parts.size(); ++index) {
    weights.emplace_back(parts[index].weights, shares[index].weight);
  }
  return network::mix_weights(weights);
}

}  // namespace

Atelier::Atelier(const fs::path& cache_folder)
    : cache_(cache_folder.empty() ? fs::path() : cache_folder / "paintings", ".onnx") {}

style::Style Atelier::style(const std::string& request) {
  if (style::is_known(request)) {
    return style::find(request);
  }
  const std::vector<StyleShare> shares = parse_mix(request, is_there);
  return shares.size() == 1 ? one_style(shares.front().what) : mixed(shares);
}

style::Style Atelier::one_style(const std::string& what) {
  if (is_painting(what)) {
    return style_of_painting(what);
  }
  return style::find(store::is_remote(what) ? local_net(what, cache_).string() : what);
}

style::Style Atelier::style_of_painting(const std::string& file) {
  const fs::path painter = network::find_model(network::kPainterFile);
  const fs::path reader = network::find_model(network::kReaderFile);
  const std::string painter_bytes = store::read_all(painter.string());
  const std::string base = sha256(painter_bytes);
  const std::string key =
      sha256(sha256(store::read_all(file)) + base + sha256(store::read_all(reader.string())));
  std::optional<style::Style> style = kept_style(cache_, key);
  if (!style) {
    const network::Code code = read_code(reader, file);
    const network::Weights weights = network::read(painter_bytes, painter.string());
    network::Metadata metadata = network::read_metadata(painter_bytes, painter.string());
    metadata["name"] = name_of(file);
    metadata["title"] = title_of(file);
    metadata["painting"] = file_name(file);
    metadata["author"] = "Impasto base painter";
    // A base that was trained on keeps the name of the first, for their styles mix.
    metadata.try_emplace("base", base);
    const std::string bytes = network::write_style(network::bake(weights, code), metadata);
    style = style::find(cache_.keep(key, bytes).string());
  }
  name_after(*style, file);
  return *style;
}

style::Style Atelier::mixed(const std::vector<StyleShare>& shares) {
  std::vector<Ingredient> parts;
  std::string name;
  std::string made_from = "mix";
  double total = 0;
  for (const StyleShare& share : shares) {
    total += share.weight;
  }
  for (const StyleShare& share : shares) {
    parts.push_back(ingredient(one_style(share.what)));
    const style::Style& style = parts.back().style;
    name += fmt::format("{}{} {:.2g}", name.empty() ? "" : " + ", style.name, share.weight / total);
    made_from += fmt::format(" {} {}", style.sha256, share.weight / total);
  }
  const network::Weights weights = mixed_weights(parts, shares);
  network::Metadata metadata{{"name", name}, {"title", name}, {"author", "Impasto base painter"}};
  if (!parts.front().base.empty()) {
    metadata["base"] = parts.front().base;
  }
  style::Style style =
      style::find(cache_.keep(sha256(made_from), network::write_style(weights, metadata)).string());
  style.name = name;
  return style;
}

TimedStyles Atelier::styles_over_time(const std::vector<StyleKey>& keys) {
  std::vector<Ingredient> parts;
  TimedStyles timed;
  for (const StyleKey& key : keys) {
    parts.push_back(ingredient(style(key.style)));
    timed.keys.push_back({key.time, network::code_of(parts.back().weights)});
    timed.painter.name += (parts.size() > 1 ? ", then " : "") + parts.back().style.name;
  }
  if (!differ_by_code(parts)) {
    refuse_unlike(parts,
                  "do not fade into each other: they differ in more than their codes, being "
                  "learnt further or from different base painters; paint the parts one by "
                  "one with --start and --duration");
  }
  timed.painter.title = timed.painter.name;
  const std::string bytes = network::write_base(parts.front().weights, {});
  timed.painter.sha256 = sha256(bytes);
  timed.painter.file = cache_.keep(timed.painter.sha256, bytes);
  return timed;
}

std::vector<std::string> list_of_styles(const std::string& text) {
  return split_list(text, is_there);
}

}  // namespace impasto::job

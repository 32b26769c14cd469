#include "engine/calibration.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <numeric>
#include <string_view>

#include "base/error.h"
#include "base/half.h"

namespace impasto::engine {
namespace {

using Json = nlohmann::ordered_json;
using Values = std::vector<float>;

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// As a 16-bit float can hold it; never infinite.
float rounded(float value) {
  constexpr float kLargest = 65504;
  return from_half(to_half(std::clamp(value, -kLargest, kLargest)));
}

/// Bytes in base64 (RFC 4648).
std::string base64(const std::vector<std::uint8_t>& bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      group = group << 8U | (i < count ? bytes[at + i] : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      text += i <= count ? kLetters[group >> (18 - 6 * i) & 0x3FU] : '=';
    }
  }
  return text;
}

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  std::vector<std::uint8_t> bytes;
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char letter : std::string_view(text).substr(0, text.find('='))) {
    const std::size_t value = kLetters.find(letter);
    if (value == std::string_view::npos) {
      throw Error(ExitCode::bad_input, "a calibration holds numbers that are not in base64");
    }
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0xFFFFU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      bytes.push_back(static_cast<std::uint8_t>(bits >> held & 0xFFU));
    }
  }
  return bytes;
}

/// Little-endian patterns of `Bits`, one a number.
template <typename Bits, typename ToBits>
std::string packed(const Values& values, ToBits to_bits) {
  std::vector<std::uint8_t> bytes;
  for (const float value : values) {
    const Bits bits = to_bits(value);
    for (unsigned shift = 0; shift < 8 * sizeof(Bits); shift += 8) {
      bytes.push_back(static_cast<std::uint8_t>(bits >> shift & 0xFFU));
    }
  }
  return base64(bytes);
}

template <typename Bits, typename FromBits>
Values unpacked(const std::string& text, FromBits from_bits) {
  const std::vector<std::uint8_t> bytes = bytes_of(text);
  if (bytes.size() % sizeof(Bits) != 0) {
    throw Error(ExitCode::bad_input, "a calibration holds half a number");
  }
  Values values;
  for (std::size_t at = 0; at + sizeof(Bits) <= bytes.size(); at += sizeof(Bits)) {
    Bits bits = 0;
    for (std::size_t i = 0; i < sizeof(Bits); ++i) {
      bits = static_cast<Bits>(bits | static_cast<Bits>(bytes[at + i]) << 8 * i);
    }
    values.push_back(from_bits(bits));
  }
  return values;
}

std::string halves(const Values& values) { return packed<std::uint16_t>(values, to_half); }
Values from_halves(const std::string& text) { return unpacked<std::uint16_t>(text, from_half); }

std::string floats(const Values& values) {
  return packed<std::uint32_t>(values, std::bit_cast<std::uint32_t, float>);
}
Values from_floats(const std::string& text) {
  return unpacked<std::uint32_t>(text, std::bit_cast<float, std::uint32_t>);
}

/// The mean without the smallest and the largest, where there are four or more.
double trimmed_mean(Values values) {
  std::sort(values.begin(), values.end());
  const std::ptrdiff_t cut = values.size() >= 4 ? 1 : 0;
  const double sum = std::accumulate(values.begin() + cut, values.end() - cut, 0.0);
  return sum / static_cast<double>(static_cast<std::ptrdiff_t>(values.size()) - 2 * cut);
}

double smallest(const Values& values) { return *std::min_element(values.begin(), values.end()); }
double largest(const Values& values) { return *std::max_element(values.begin(), values.end()); }

/// One entry's `part` in all pictures, channel by channel, made one.
template <typename Entry, typename Combine>
Values combined(const std::vector<const Entry*>& pictures, Values Entry::*part, Combine combine) {
  Values result((pictures.front()->*part).size());
  Values one(pictures.size());
  for (std::size_t channel = 0; channel < result.size(); ++channel) {
    std::transform(pictures.begin(), pictures.end(), one.begin(),
                   [&](const Entry* picture) { return (picture->*part)[channel]; });
    result[channel] = static_cast<float>(combine(one));
  }
  return result;
}

/// The entries at `index` of those pictures that have any.
template <typename Entry>
std::vector<const Entry*> entries(const std::vector<Calibration>& pictures,
                                  std::vector<Entry> Calibration::*list, std::size_t index) {
  std::vector<const Entry*> found;
  for (const Calibration& picture : pictures) {
    if (!(picture.*list).empty()) {
      found.push_back(&(picture.*list)[index]);
    }
  }
  return found;
}

/// The same names and as many channels; activations may be there or not.
bool alike(const Calibration& one, const Calibration& other) {
  const auto same = [](const auto& left, const auto& right) {
    return left.name == right.name && left.mean.size() == right.mean.size();
  };
  const auto all_same = [&](const auto& left, const auto& right) {
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), same);
  };
  return all_same(one.norms, other.norms) &&
         (one.activations.empty() || other.activations.empty() ||
          all_same(one.activations, other.activations));
}

}  // namespace

Calibration pooled(const std::vector<Calibration>& pictures) {
  const auto telling = std::find_if(pictures.begin(), pictures.end(), [](const Calibration& one) {
    return !one.activations.empty();
  });
  const bool good = !pictures.empty() &&
                    std::all_of(pictures.begin(), pictures.end(), [&](const Calibration& picture) {
                      return alike(picture, pictures.front()) &&
                             (telling == pictures.end() || alike(picture, *telling));
                    });
  if (!good) {
    throw Error(ExitCode::bug, "statistics of different nets, or none, were to be pooled");
  }
  Calibration all = telling == pictures.end() ? pictures.front() : *telling;
  for (std::size_t i = 0; i < all.norms.size(); ++i) {
    const auto seen = entries(pictures, &Calibration::norms, i);
    all.norms[i].mean = combined(seen, &NormStatistics::mean, trimmed_mean);
    all.norms[i].deviation = combined(seen, &NormStatistics::deviation, trimmed_mean);
  }
  for (std::size_t i = 0; i < all.activations.size(); ++i) {
    const auto seen = entries(pictures, &Calibration::activations, i);
    ActivationStatistics& one = all.activations[i];
    one.mean = combined(seen, &ActivationStatistics::mean, trimmed_mean);
    one.low = combined(seen, &ActivationStatistics::low, smallest);
    one.high = combined(seen, &ActivationStatistics::high, largest);
    for (Values* values : {&one.mean, &one.low, &one.high}) {
      std::transform(values->begin(), values->end(), values->begin(), rounded);
    }
  }
  return all;
}

double distance(const Calibration& one, const Calibration& other) {
  if (!alike(one, other)) {
    throw Error(ExitCode::bug, "statistics of different nets were to be compared");
  }
  constexpr double kLeast = 1e-3;  // below it a channel is as good as constant
  double sum = 0;
  double count = 0;
  for (std::size_t i = 0; i < one.norms.size(); ++i) {
    const NormStatistics& left = one.norms[i];
    const NormStatistics& right = other.norms[i];
    for (std::size_t channel = 0; channel < left.mean.size(); ++channel) {
      const double a = std::max<double>(left.deviation[channel], kLeast);
      const double b = std::max<double>(right.deviation[channel], kLeast);
      const double shift = (left.mean[channel] - right.mean[channel]) / std::sqrt(a * b);
      sum += shift * shift + std::pow(std::log(a / b), 2);
      ++count;
    }
  }
  return count > 0 ? std::sqrt(sum / count) : 0;
}

std::string to_json(const Calibration& calibration) {
  Json norms = Json::array();
  for (const NormStatistics& norm : calibration.norms) {
    norms.push_back(
        {{"name", norm.name}, {"mean", floats(norm.mean)}, {"deviation", floats(norm.deviation)}});
  }
  Json activations = Json::array();
  for (const ActivationStatistics& activation : calibration.activations) {
    activations.push_back({{"name", activation.name},
                           {"mean", halves(activation.mean)},
                           {"low", halves(activation.low)},
                           {"high", halves(activation.high)}});
  }
  return Json{{"norms", norms}, {"activations", activations}}.dump();
}

Calibration calibration_from_json(const std::string& text) {
  try {
    const Json json = Json::parse(text);
    Calibration calibration;
    for (const Json& norm : json.at("norms")) {
      calibration.norms.push_back(
          {norm.at("name"), from_floats(norm.at("mean")), from_floats(norm.at("deviation"))});
      if (calibration.norms.back().mean.size() != calibration.norms.back().deviation.size()) {
        throw Error(ExitCode::bad_input, "a calibration's norm lacks some of its numbers");
      }
    }
    for (const Json& one : json.at("activations")) {
      calibration.activations.push_back({one.at("name"), from_halves(one.at("mean")),
                                         from_halves(one.at("low")), from_halves(one.at("high"))});
      const ActivationStatistics& last = calibration.activations.back();
      if (last.mean.size() != last.low.size() || last.mean.size() != last.high.size()) {
        throw Error(ExitCode::bad_input, "a calibration's activation lacks some of its numbers");
      }
    }
    return calibration;
  } catch (const nlohmann::json::exception& failure) {
    throw Error(ExitCode::bad_input, fmt::format("this is no calibration: {}", failure.what()));
  }
}

}  // namespace impasto::engine

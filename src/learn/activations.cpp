#include "learn/activations.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cstdint>

#include "learn/vectorised.h"

namespace impasto::learn {
namespace {

using Bits = std::uint16_t;

constexpr std::int64_t kGrain = 1 << 15;  ///< Values that are worth a thread.

Bits* bits_of(const torch::Tensor& tensor) { return static_cast<Bits*>(tensor.data_ptr()); }

IMPASTO_VECTORISED void rectify_values(Bits* values, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const bool negative = (values[i] & 0x8000U) != 0;
    values[i] = negative ? Bits{0} : values[i];
  }
}

/// Numbers that are not negative are ordered like their bits.
IMPASTO_VECTORISED void pool_row(const Bits* above, const Bits* below, std::int64_t places,
                                 std::int64_t channels, Bits* __restrict into) {
  for (std::int64_t place = 0; place < places; ++place) {
    const std::int64_t at = 2 * place * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const Bits upper = std::max(above[at + c], above[at + channels + c]);
      const Bits lower = std::max(below[at + c], below[at + channels + c]);
      into[place * channels + c] = std::max(upper, lower);
    }
  }
}

IMPASTO_VECTORISED void unpool_row(const Bits* gradient, const Bits* pooled, const Bits* above,
                                   const Bits* below, std::int64_t places, std::int64_t channels,
                                   Bits* __restrict into_above, Bits* __restrict into_below) {
  for (std::int64_t place = 0; place < places; ++place) {
    const std::int64_t at = 2 * place * channels;
    for (std::int64_t c = 0; c < channels; ++c) {
      const Bits largest = pooled[place * channels + c];
      Bits left = largest > 0 ? gradient[place * channels + c] : Bits{0};
      const auto take = [&](Bits value) {
        const Bits taken = value == largest ? left : Bits{0};
        left = value == largest ? Bits{0} : left;
        return taken;
      };
      into_above[at + c] = take(above[at + c]);
      into_above[at + channels + c] = take(above[at + channels + c]);
      into_below[at + c] = take(below[at + c]);
      into_below[at + channels + c] = take(below[at + channels + c]);
    }
  }
}

IMPASTO_VECTORISED void gate_values(Bits* gradient, const Bits* flow, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    gradient[i] = flow[i] > 0 ? gradient[i] : Bits{0};
  }
}

IMPASTO_VECTORISED void gate_sums(Bits* gradient, const Bits* extra, const Bits* flow,
                                  std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    Bits sum = 0;
    put(sum, value_of(gradient[i]) + value_of(extra[i]));
    gradient[i] = flow[i] > 0 ? sum : Bits{0};
  }
}

/// The rows of activations of which an inner part, `rim` places smaller on each side, is a tensor
/// of its own.
class Rows {
 public:
  Rows(const torch::Tensor& flow, std::int64_t rim)
      : count_(flow.size(0) * flow.size(2)),
        height_(flow.size(2)),
        rim_(rim),
        channels_(flow.size(1)),
        length_(flow.size(3) * channels_) {}

  [[nodiscard]] std::int64_t length() const { return length_; }
  [[nodiscard]] std::int64_t begin() const { return rim_ * channels_; }
  [[nodiscard]] std::int64_t inner_length() const { return length_ - 2 * begin(); }

  /// Calls `work(offset of the row, offset of its inner part in the other tensor or -1)`.
  template <typename Work>
  void each(const Work& work) const {
    at::parallel_for(0, count_, std::max<std::int64_t>(1, kGrain / length_),
                     [&](std::int64_t from, std::int64_t to) {
                       for (auto i = from; i < to; ++i) {
                         const auto y = i % height_ - rim_;
                         const auto inner_height = height_ - 2 * rim_;
                         const bool inside = y >= 0 && y < inner_height;
                         const auto inner = (i / height_ * inner_height + y) * inner_length();
                         work(i * length_, inside ? inner : -1);
                       }
                     });
  }

 private:
  std::int64_t count_;
  std::int64_t height_;
  std::int64_t rim_;
  std::int64_t channels_;
  std::int64_t length_;
};

/// Rows [N·H/2] of a pooled picture: calls `work(row of pairs, offset above, offset pooled)`.
template <typename Work>
void each_pair_of_rows(const torch::Tensor& flow, const Work& work) {
  const auto height = flow.size(2);
  const auto row = flow.size(3) * flow.size(1);
  const auto pooled_row = flow.size(3) / 2 * flow.size(1);
  const auto pairs = height / 2;
  at::parallel_for(0, flow.size(0) * pairs, std::max<std::int64_t>(1, kGrain / row),
                   [&](std::int64_t from, std::int64_t to) {
                     for (auto i = from; i < to; ++i) {
                       const auto above = (i / pairs * height + i % pairs * 2) * row;
                       work(above, above + row, i * pooled_row);
                     }
                   });
}

}  // namespace

void rectify(const torch::Tensor& flow) {
  at::parallel_for(0, flow.numel(), kGrain, [&](std::int64_t from, std::int64_t to) {
    rectify_values(bits_of(flow) + from, to - from);
  });
}

torch::Tensor pool(const torch::Tensor& flow) {
  torch::Tensor result =
      torch::empty({flow.size(0), flow.size(1), flow.size(2) / 2, flow.size(3) / 2}, flow.options(),
                   at::MemoryFormat::ChannelsLast);
  each_pair_of_rows(flow, [&](std::int64_t above, std::int64_t below, std::int64_t pooled) {
    pool_row(bits_of(flow) + above, bits_of(flow) + below, flow.size(3) / 2, flow.size(1),
             bits_of(result) + pooled);
  });
  return result;
}

torch::Tensor unpool(const torch::Tensor& gradient, const torch::Tensor& flow,
                     const torch::Tensor& pooled) {
  const bool odd = flow.size(2) % 2 != 0 || flow.size(3) % 2 != 0;
  torch::Tensor result = odd ? torch::zeros_like(flow) : torch::empty_like(flow);
  each_pair_of_rows(flow, [&](std::int64_t above, std::int64_t below, std::int64_t half) {
    unpool_row(bits_of(gradient) + half, bits_of(pooled) + half, bits_of(flow) + above,
               bits_of(flow) + below, flow.size(3) / 2, flow.size(1), bits_of(result) + above,
               bits_of(result) + below);
  });
  return result;
}

torch::Tensor inner_part(const torch::Tensor& flow, std::int64_t rim) {
  torch::Tensor result =
      torch::empty({flow.size(0), flow.size(1), flow.size(2) - 2 * rim, flow.size(3) - 2 * rim},
                   flow.options(), at::MemoryFormat::ChannelsLast);
  const Rows rows(flow, rim);
  rows.each([&](std::int64_t row, std::int64_t inner) {
    if (inner >= 0) {
      std::copy_n(bits_of(flow) + row + rows.begin(), rows.inner_length(), bits_of(result) + inner);
    }
  });
  return result;
}

void gate(const torch::Tensor& gradient, const torch::Tensor& extra, const torch::Tensor& flow,
          std::int64_t rim) {
  const Rows rows(flow, rim);
  rows.each([&](std::int64_t row, std::int64_t inner) {
    Bits* to = bits_of(gradient) + row;
    const Bits* open = bits_of(flow) + row;
    if (!extra.defined() || inner < 0) {
      gate_values(to, open, rows.length());
      return;
    }
    const std::int64_t end = rows.begin() + rows.inner_length();
    gate_values(to, open, rows.begin());
    gate_sums(to + rows.begin(), bits_of(extra) + inner, open + rows.begin(), rows.inner_length());
    gate_values(to + end, open + end, rows.length() - end);
  });
}

}  // namespace impasto::learn

#pragma once

#include <cstddef>
#include <functional>

namespace impasto {

/// Calls `work(index)` for 0 to `count` - 1 on so many threads, 0: one for each core that this
/// process may use. The first exception ends it and is rethrown; an interrupt ends it with
/// Error(interrupted).
void for_each_index(std::size_t count, const std::function<void(std::size_t)>& work,
                    std::size_t threads = 0);

}  // namespace impasto

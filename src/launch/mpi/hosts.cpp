#include "launch/mpi/hosts.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <memory>
#include <sstream>
#include <thread>

#include "base/child_process.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "job/machine.h"

namespace impasto::launch {
namespace {

/// "a" or "a:2"; nothing that a launcher or its shell could take for something else.
bool read_host(const std::string& text, Host& host) {
  const std::size_t colon = text.find(':');
  host.name = text.substr(0, colon);
  const bool is_name = !host.name.empty() && host.name.front() != '-' &&
                       std::all_of(host.name.begin(), host.name.end(), [](unsigned char letter) {
                         return std::isalnum(letter) != 0 || letter == '-' || letter == '.' ||
                                letter == '_' || letter == '@';
                       });
  if (colon == std::string::npos) {
    return is_name;
  }
  const char* const end = text.data() + text.size();
  const auto [rest, failure] = std::from_chars(text.data() + colon + 1, end, host.slots);
  return is_name && failure == std::errc() && rest == end && host.slots > 0;
}

bool is_this(const std::string& host) {
  const std::string own = job::host_name();
  return host == "localhost" || host == own || host == own.substr(0, own.find('.'));
}

}  // namespace

std::vector<Host> parse_hosts(const std::string& text) {
  std::vector<Host> hosts;
  std::istringstream words(text);
  for (std::string word; std::getline(words, word, ',');) {
    if (!read_host(word, hosts.emplace_back())) {
      throw Error(ExitCode::usage,
                  fmt::format("'{}' in '{}' is no host; write --hosts a:2,b:2", word, text));
    }
  }
  if (hosts.empty()) {
    throw Error(ExitCode::usage, "--hosts names none; write --hosts a:2,b:2");
  }
  return hosts;
}

std::vector<Host> read_hosts(const std::string& file) {
  std::ifstream lines(file);
  if (!lines) {
    throw Error(
        ExitCode::bad_input,
        fmt::format("the hosts in '{}' cannot be read; look whether the file is there", file));
  }
  std::vector<Host> hosts;
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line.substr(0, line.find('#')));
    std::string word;
    if (!(words >> word)) {
      continue;
    }
    Host& host = hosts.emplace_back();
    bool good = read_host(word, host);
    while (good && words >> word) {
      constexpr std::string_view kSlots = "slots=";
      if (word.starts_with(kSlots)) {
        good = read_host(host.name + ":" + word.substr(kSlots.size()), host);
      }
    }
    if (!good) {
      throw Error(ExitCode::bad_input,
                  fmt::format("'{}' in '{}' is no host; write a name and, where there are several "
                              "slots, slots=N behind it",
                              line, file));
    }
  }
  if (hosts.empty()) {
    throw Error(ExitCode::bad_input, fmt::format("'{}' names no host; write one a line", file));
  }
  return hosts;
}

std::string to_string(const std::vector<Host>& hosts) {
  std::string text;
  for (const Host& host : hosts) {
    text += fmt::format("{}{}:{}", text.empty() ? "" : ",", host.name, host.slots);
  }
  return text;
}

std::vector<Host> answering(const std::vector<Host>& hosts, const std::string& agent,
                            std::chrono::duration<double> patience) {
  std::vector<std::unique_ptr<ChildProcess>> calls;
  for (const Host& host : hosts) {
    calls.push_back(is_this(host.name)
                        ? nullptr
                        : std::make_unique<ChildProcess>(std::vector<std::string>{
                              "/bin/sh", "-c", "exec " + agent + " \"$0\" true", host.name}));
    if (calls.back()) {
      calls.back()->close_input();
    }
  }
  const auto until = std::chrono::steady_clock::now() + patience;
  const auto ended = [](const auto& call) { return !call || call->ended().has_value(); };
  while (!std::all_of(calls.begin(), calls.end(), ended) &&
         std::chrono::steady_clock::now() < until && !interrupted()) {
    constexpr std::chrono::milliseconds kPause{10};
    std::this_thread::sleep_for(kPause);
  }
  std::vector<Host> there;
  for (std::size_t i = 0; i < hosts.size(); ++i) {
    const std::optional<Ending> ending = calls[i] ? calls[i]->ended() : Ending{};
    if (ending && ending->exit_code == 0 && ending->signal == 0) {
      there.push_back(hosts[i]);
    }
  }
  return there;
}

}  // namespace impasto::launch

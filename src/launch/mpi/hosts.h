#pragma once

#include <chrono>
#include <string>
#include <vector>

namespace impasto::launch {

/// A machine that mpirun may start ranks on.
struct Host {
  std::string name;
  int slots = 1;  ///< Ranks.
};

/// Parses "a:2,b". Throws Error(usage).
std::vector<Host> parse_hosts(const std::string& text);
/// Reads a file of hosts, one a line, as Open MPI ("a slots=2") or MPICH ("a:2") write them; #
/// begins a comment. Throws Error(bad_input).
std::vector<Host> read_hosts(const std::string& file);
/// As MPI's launchers want it: "a:2,b:1".
std::string to_string(const std::vector<Host>& hosts);

/// Those hosts on which `agent HOST true` ends well within the time. This machine always does.
std::vector<Host> answering(const std::vector<Host>& hosts, const std::string& agent,
                            std::chrono::duration<double> patience);

}  // namespace impasto::launch

#include "launch/mpi/mpi_run.h"

#include <fmt/format.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <numeric>
#include <optional>
#include <sstream>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include "base/child_process.h"
#include "base/error.h"
#include "base/interrupt.h"
#include "launch/mpi/supervision.h"

namespace impasto::launch {
namespace {

using Clock = std::chrono::steady_clock;
using Duration = std::chrono::duration<double>;

constexpr Duration kAnswersWithin{15};
constexpr Duration kStartsWithin{300};
constexpr Duration kPartsWithin{10};  // for mpirun, once rank 0 has said that it ends
constexpr Duration kDiesWithin{5};    // once it is told to
constexpr Duration kLongestPause{60};

std::vector<std::string> words_of(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) {
    words.push_back(word);
  }
  return words;
}

/// A program that the shell finds, whose standard output is read where children of ours tell their
/// events, and which no terminal interrupts.
std::vector<std::string> in_own_session(const std::vector<std::string>& command) {
  std::vector<std::string> whole{"/bin/sh", "-c", "exec setsid \"$@\" 1>&3 3>&-", "sh"};
  whole.insert(whole.end(), command.begin(), command.end());
  return whole;
}

enum class Launcher { open_mpi, hydra };

/// Asks mpirun what it is. Throws Error(unavailable) where it cannot be asked.
Launcher launcher_of(const std::string& mpirun) {
  std::vector<std::string> command = words_of(mpirun);
  if (command.empty()) {
    throw Error(ExitCode::usage, "--mpirun is empty; name the program that starts ranks");
  }
  command.resize(1);
  command.emplace_back("--version");
  ChildProcess asked(in_own_session(command));
  const Ending ending = *asked.ended(true);
  std::string told;
  for (const std::string& line : asked.events().lines()) {
    told += line + " ";
  }
  if (told.find("Open MPI") != std::string::npos || told.find("OpenRTE") != std::string::npos) {
    return Launcher::open_mpi;
  }
  if (told.find("HYDRA") != std::string::npos || told.find("Intel") != std::string::npos) {
    return Launcher::hydra;
  }
  throw Error(ExitCode::unavailable,
              fmt::format("'{}' {}; install Open MPI or MPICH, or name its mpirun by --mpirun",
                          command.front(),
                          ending.exit_code == 0 ? "is neither Open MPI's nor MPICH's mpirun"
                                                : "cannot be started"));
}

bool is_wanted_there(std::string_view variable) {
  constexpr std::array<std::string_view, 7> kBegins{
      "AWS_", "AZURE_", "GOOGLE_", "STORAGE_EMULATOR_", "IMPASTO_", "SSL_CERT_", "XDG_CACHE_HOME"};
  const std::string_view name = variable.substr(0, variable.find('='));
  return name.ends_with("_PROXY") || name.ends_with("_proxy") ||
         std::any_of(kBegins.begin(), kBegins.end(),
                     [&](std::string_view begin) { return name.starts_with(begin); });
}

std::string seconds_word(Duration duration) { return fmt::format("{:g}", duration.count()); }

void add_work_options(std::vector<std::string>& command, const MpiRunOptions& options, bool first) {
  const job::WorkOptions& work = options.work;
  for (const std::string& word : std::initializer_list<std::string>{
           "--retries", std::to_string(work.retries), "--threads",
           std::to_string(work.crew.threads), "--workers", std::to_string(work.crew.workers),
           "--segment-timeout", seconds_word(work.crew.segment_timeout), "--stuck-after",
           seconds_word(work.crew.stuck_after), "--grace", seconds_word(work.crew.grace),
           "--silence", seconds_word(options.silence)}) {
    command.push_back(word);
  }
  if (work.anew && first) {  // attempts of this run count
    command.emplace_back("--retry");
  }
}

std::vector<std::string> launch_command(Launcher launcher, const std::string& job,
                                        const MpiRunOptions& options,
                                        const std::vector<Host>& hosts, bool first) {
  std::vector<std::string> command{"env"};
  const std::vector<std::string> agent = words_of(options.agent);
  // A rank paints with all processors that it may use, so none is bound to one where nobody asks.
  for (const char* policy :
       {"OMPI_MCA_hwloc_base_binding_policy", "PRTE_MCA_hwloc_default_binding_policy"}) {
    if (std::getenv(policy) == nullptr) {
      command.push_back(std::string(policy) + "=none");
    }
  }
  if (launcher == Launcher::hydra && !hosts.empty() && agent.size() > 1) {
    command.push_back(fmt::format("HYDRA_LAUNCHER_EXTRA_ARGS={}",
                                  fmt::join(agent.begin() + 1, agent.end(), " ")));
  }
  for (const std::string& word : words_of(options.mpirun)) {
    command.push_back(word);
  }
  int ranks = options.ranks;
  if (!hosts.empty()) {
    const int slots = std::accumulate(hosts.begin(), hosts.end(), 0,
                                      [](int sum, const Host& host) { return sum + host.slots; });
    ranks = ranks == 0 ? slots : std::min(ranks, slots);
    if (launcher == Launcher::open_mpi) {
      command.insert(command.end(), {"--host", to_string(hosts)});
      if (!agent.empty()) {
        command.insert(command.end(), {"--mca", "plm_rsh_agent", options.agent});
      }
    } else {
      command.insert(command.end(), {"-hosts", to_string(hosts)});
      if (!agent.empty()) {
        command.insert(command.end(), {"-launcher", "ssh", "-launcher-exec", agent.front()});
      }
    }
  }
  if (ranks > 0) {
    command.insert(command.end(), {"-n", std::to_string(ranks)});
  }
  if (launcher == Launcher::open_mpi) {  // MPICH hands all variables on by itself
    for (char** variable = environ; *variable != nullptr; ++variable) {
      const std::string_view text(*variable);
      if (is_wanted_there(text)) {
        command.insert(command.end(), {"-x", std::string(text.substr(0, text.find('=')))});
      }
    }
  }
  std::error_code failure;
  command.push_back(std::filesystem::read_symlink("/proc/self/exe", failure).string());
  command.insert(command.end(), {"work", job, "--mpi", "--supervised", "--progress", "none"});
  add_work_options(command, options, first);
  return command;
}

/// One life of mpirun.
class Launch {
 public:
  Launch(const std::vector<std::string>& command, std::string job, const MpiRunOptions& options,
         Progress& progress)
      : job_(std::move(job)),
        options_(options),
        progress_(progress),
        mpirun_(in_own_session(command)) {}

  /// Until it has ended, by itself or because it was silent or the user wants it.
  void watch() {
    while (!mpirun_.ended()) {
      wait();
      hear();
      decide();
    }
    hear();
  }

  /// What rank 0 has said when it ended, if it has.
  [[nodiscard]] const std::optional<RankZeroSign>& verdict() const { return verdict_; }

  [[nodiscard]] std::string how_it_ended() {
    std::string how = why_.empty() ? "mpirun " + to_string(*mpirun_.ended()) : why_;
    if (verdict_) {
      how += ": " + verdict_->error;
    } else if (why_.empty() && !complaint_.empty()) {
      how += " (" + complaint_ + ")";
    }
    return how;
  }

 private:
  void wait() {
    constexpr int kMilliseconds = 100;
    std::array<pollfd, 2> watched{
        {{mpirun_.events().fd(), POLLIN, 0}, {mpirun_.complaints().fd(), POLLIN, 0}}};
    poll(watched.data(), watched.size(), kMilliseconds);  // a negative descriptor is left out
    if (watched[0].fd < 0 && watched[1].fd < 0) {
      std::this_thread::sleep_for(std::chrono::milliseconds(kMilliseconds));
    }
  }

  void hear() {
    for (const std::string& line : mpirun_.events().lines()) {
      const std::optional<RankZeroSign> sign = sign_from_line(line);
      if (!sign) {
        std::puts(line.c_str());
        continue;
      }
      last_sign_ = Clock::now();
      if (sign->ended) {
        verdict_ = sign;
        if (sign->code == ExitCode::done) {
          progress_.advance(total_, 0);
        }
        continue;
      }
      has_begun_ = true;
      if (sign->total > 0 && !shown_) {
        shown_ = true;
        progress_.begin(job_, sign->total, 0);
      }
      progress_.advance(sign->frames, 0);
      total_ = sign->total;
    }
    for (const std::string& line : mpirun_.complaints().lines()) {
      progress_.note(line);
      // Open MPI's complaints stand between lines of dashes, and begin with what happened.
      if (line.find_first_not_of("- \t") == std::string::npos) {
        headline_ = true;
      } else if (std::exchange(headline_, false)) {
        complaint_ = line;
      }
    }
  }

  void decide() {
    const Clock::time_point now = Clock::now();
    if (interrupted() && !stopping_) {
      stopping_ = now;
      mpirun_.close_input();  // rank 0 hears of it, and tells the others
    }
    if (told_to_die_) {
      if (now - *told_to_die_ > kDiesWithin) {
        mpirun_.kill();
      }
    } else if (verdict_) {
      if (now - last_sign_ > kPartsWithin) {
        end("mpirun did not end by itself");
      }
    } else if (stopping_) {
      if (now - *stopping_ > options_.work.crew.grace + options_.silence) {
        end("mpirun did not stop");
      }
    } else if (now - last_sign_ > options_.silence + (has_begun_ ? Duration(0) : kStartsWithin)) {
      end(fmt::format("rank 0 gave no sign for {:.0f} s (--silence)",
                      Duration(now - last_sign_).count()));
    }
  }

  void end(std::string why) {
    why_ = std::move(why);
    told_to_die_ = Clock::now();
    mpirun_.terminate();
  }

  std::string job_;
  const MpiRunOptions& options_;
  Progress& progress_;
  ChildProcess mpirun_;
  Clock::time_point last_sign_ = Clock::now();
  bool has_begun_ = false;
  bool shown_ = false;
  std::int64_t total_ = 0;
  std::optional<RankZeroSign> verdict_;
  std::optional<Clock::time_point> stopping_;
  std::optional<Clock::time_point> told_to_die_;
  std::string why_;
  bool headline_ = true;
  std::string complaint_;
};

/// Which of the hosts answer, with a word about the others.
std::vector<Host> hosts_now(const MpiRunOptions& options, Progress& progress) {
  std::vector<Host> there = answering(options.hosts, options.agent, kAnswersWithin);
  throw_if_interrupted();
  std::string away;
  for (const Host& host : options.hosts) {
    if (std::none_of(there.begin(), there.end(),
                     [&](const Host& one) { return one.name == host.name; })) {
      away += (away.empty() ? "" : ", ") + host.name;
    }
  }
  if (!away.empty()) {
    progress.note(fmt::format("no answer from {} ('{} HOST true')", away, options.agent));
  }
  return there;
}

void pause(Duration duration) {
  const auto until = Clock::now() + std::chrono::duration_cast<Clock::duration>(duration);
  while (Clock::now() < until) {
    throw_if_interrupted();
    constexpr std::chrono::milliseconds kPause{50};
    std::this_thread::sleep_for(kPause);
  }
}

/// Whether mpirun has to be started again after such an end. Throws where that would not help.
bool goes_on(const std::optional<RankZeroSign>& verdict) {
  if (verdict && verdict->code == ExitCode::done) {
    return false;
  }
  throw_if_interrupted();
  if (verdict && (verdict->final || verdict->code == ExitCode::bad_input ||
                  verdict->code == ExitCode::usage || verdict->code == ExitCode::bug)) {
    throw Error(verdict->code, verdict->error);
  }
  return true;
}

}  // namespace

MpiRunReport mpi_run(const job::JobFolder& job, const MpiRunOptions& options, Progress& progress) {
  const Launcher launcher = launcher_of(options.mpirun);
  const job::Plan plan = job.read_plan();
  MpiRunReport report;
  report.were_done = job.contents(plan).count_painted();
  std::size_t done = report.were_done;
  for (int in_vain = 0;;) {
    std::string how = "no host answered";
    const std::vector<Host> hosts = hosts_now(options, progress);
    if (!hosts.empty() || options.hosts.empty()) {
      Launch launch(launch_command(launcher, job.uri(), options, hosts, report.launches == 0),
                    job.uri(), options, progress);
      ++report.launches;
      launch.watch();
      progress.end(launch.verdict() && launch.verdict()->code == ExitCode::done);
      report.painted = job.contents(plan).count_painted() - report.were_done;
      if (!goes_on(launch.verdict())) {
        return report;
      }
      how = launch.how_it_ended();
    }
    const std::size_t now = report.were_done + report.painted;
    in_vain = now > done ? 0 : in_vain + 1;
    done = now;
    if (in_vain > options.relaunches) {
      throw Error(ExitCode::unavailable,
                  fmt::format("it was tried {} times in a row to start mpirun, and nothing was "
                              "painted; the last time: {}",
                              in_vain, how));
    }
    const Duration wait = std::min(kLongestPause, Duration(1 << std::min(in_vain, 6)));
    progress.note(fmt::format("{}; mpirun is started again in {:g} s; what is painted stays", how,
                              wait.count()));
    pause(wait);
  }
}

}  // namespace impasto::launch

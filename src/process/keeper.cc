#include "process/keeper.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <optional>
#include <set>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "process/cgroup_base.h"
#include "sys/clock.h"
#include "sys/proc.h"
#include "sys/signals.h"

namespace taskrun::process {
namespace {

constexpr std::array kForwarded{SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};
// timeout(1) signals its child and then its group, which the child is in: one request, not two. Signals that come so
// close together are forwarded once.
constexpr int kGatherMilliseconds = 2;
constexpr int kKillPassMilliseconds = 10;

bool is_ignored(int signal) {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

std::vector<int> signals_to_read() {
  std::vector<int> signals{SIGCHLD};
  std::copy_if(kForwarded.begin(), kForwarded.end(), std::back_inserter(signals), [](int s) { return !is_ignored(s); });
  return signals;
}

// The reader of our output must see its end when the daemon closes it.
void let_go_of_streams() {
  const auto null = sys::open_file("/dev/null", O_RDWR);
  if (!null) return;
  dup2(null->get(), 0);
  dup2(null->get(), 1);
}

class Keeper {
 public:
  Keeper(pid_t daemon, sys::SignalReader signals, const std::vector<pid_t>& found);
  // Until the daemon has ended; the code to exit with.
  int keep();

 private:
  void forward_signals();
  void reap();
  void await_signal(int milliseconds);
  void kill_descendants();
  [[nodiscard]] std::vector<pid_t> descendants(sys::OwnChildren& children) const;

  pid_t daemon_;
  std::uint64_t daemon_started_ = 0;
  pid_t session_ = 0;
  sys::SignalReader signals_;
  std::set<pid_t> found_;  // children from before, which are none of ours
  std::optional<int> status_;
};

Keeper::Keeper(pid_t daemon, sys::SignalReader signals, const std::vector<pid_t>& found)
    : daemon_(daemon), signals_(std::move(signals)), found_(found.begin(), found.end()) {
  if (const auto stat = sys::read_stat(daemon)) {
    daemon_started_ = stat->started;
    session_ = stat->session;
  }
}

int Keeper::keep() {
  while (!status_) {
    await_signal(-1);
    forward_signals();
    reap();
  }
  const bool was_killed = WIFSIGNALED(*status_);
  clear_cgroup_base(daemon_, daemon_started_, limits::kKillPasses);
  if (was_killed) kill_descendants();
  return was_killed ? 128 + WTERMSIG(*status_) : WEXITSTATUS(*status_);
}

void Keeper::await_signal(int milliseconds) {
  pollfd entry{signals_.fd(), POLLIN, 0};
  poll(&entry, 1, milliseconds);
}

void Keeper::forward_signals() {
  std::set<int> received;
  const auto gather = [&] {
    while (const auto next = signals_.next()) received.insert(next->signal);
  };
  gather();
  if (std::any_of(received.begin(), received.end(), [](int signal) { return signal != SIGCHLD; })) {
    poll(nullptr, 0, kGatherMilliseconds);
    gather();
  }
  received.erase(SIGCHLD);
  // A child keeps its number until we reap it.
  for (const int signal : received) ::kill(daemon_, signal);
}

void Keeper::reap() {
  int status = 0;
  for (pid_t pid = 0; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
    if (pid == daemon_) status_ = status;
    found_.erase(pid);
  }
}

// With the daemon gone its children are ours, and each that is killed hands us its own: again and again until none is
// left.
void Keeper::kill_descendants() {
  auto children = sys::OwnChildren::make();
  const auto until = sys::read_clocks().mono + limits::kKillPasses;
  while (children && sys::read_clocks().mono < until) {
    const std::vector<pid_t> left = descendants(*children);
    if (left.empty()) return;
    for (const pid_t pid : left) ::kill(pid, SIGKILL);
    await_signal(kKillPassMilliseconds);
    while (signals_.next()) {
    }
    reap();
  }
}

// Every task leads, or is in, a session that is not ours; who is in our session was started by somebody else.
std::vector<pid_t> Keeper::descendants(sys::OwnChildren& children) const {
  std::vector<pid_t> pids = children.list();
  std::erase_if(pids, [&](pid_t pid) {
    const auto stat = sys::read_stat(pid);
    return found_.contains(pid) || (stat && stat->session == session_);
  });
  return pids;
}

int become_daemon(const std::function<int(sys::Fd)>& daemon, sys::Pipe life) {
  setpgid(0, 0);
  life.write.reset();
  sys::ignore_signals({SIGTTOU, SIGTTIN});
  return daemon(std::move(life.read));
}

}  // namespace

Result<int> run_kept(const std::function<int(sys::Fd)>& daemon) {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail_errno("cannot become a subreaper", errno);
  auto life = sys::make_pipe();
  if (!life) return tl::unexpected(life.error());
  auto signals = sys::SignalReader::make(signals_to_read());
  if (!signals) return tl::unexpected(signals.error());
  const std::vector<pid_t> found = sys::children_of(getpid());
  const pid_t pid = fork();
  if (pid < 0) return fail_errno("cannot start the daemon", errno);
  if (pid == 0) {
    signals = tl::unexpected(Error{});
    return become_daemon(daemon, std::move(*life));
  }
  setpgid(pid, pid);
  life->read.reset();
  let_go_of_streams();
  return Keeper(pid, std::move(*signals), found).keep();
}

}  // namespace taskrun::process

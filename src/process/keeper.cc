#include "process/keeper.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <new>
#include <optional>
#include <set>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
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

// What whoever started us has ignored is meant to be (nohup, a shell's '&' and SIGINT), but for SIGTERM: it is how a
// supervisor stops us, also where an entry point's trap was inherited.
std::vector<int> signals_to_read() {
  std::vector<int> signals{SIGCHLD};
  std::copy_if(kForwarded.begin(), kForwarded.end(), std::back_inserter(signals),
               [](int s) { return s == SIGTERM || !is_ignored(s); });
  return signals;
}

// The reader of our output must see its end when the daemon closes it.
void let_go_of_streams() {
  const auto null = sys::open_file("/dev/null", O_RDWR);
  if (!null) return;
  dup2(null->get(), 0);
  dup2(null->get(), 1);
}

// What the daemon says when it has done all it had to do, in memory that both see. An exit code says less: a library's
// exit(), or a sanitizer that reports a crash, leaves one as well.
class LastWord {
 public:
  static Result<LastWord> make() {
    void* memory = mmap(nullptr, sizeof(Flag), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED) return fail_errno("cannot share memory with the daemon", errno);
    return LastWord(new (memory) Flag(false));
  }
  void say() { flag_->store(true); }
  [[nodiscard]] bool was_said() const { return flag_->load(); }

 private:
  using Flag = std::atomic<bool>;
  explicit LastWord(Flag* flag) : flag_(flag) {}
  Flag* flag_;  // kept until the process ends
};

class Keeper {
 public:
  Keeper(pid_t daemon, LastWord word, sys::SignalReader signals, const std::vector<pid_t>& found);
  // Until the daemon has ended; the code to exit with.
  int keep();

 private:
  void forward_signals();
  void reap();
  void await_signal(int milliseconds);
  void kill_descendants();
  [[nodiscard]] std::vector<pid_t> descendants(sys::OwnChildren& children) const;

  pid_t daemon_;
  LastWord word_;
  std::uint64_t daemon_started_ = 0;
  pid_t session_ = 0;
  sys::SignalReader signals_;
  std::set<pid_t> found_;  // children from before, which are none of ours
  std::optional<int> status_;
};

Keeper::Keeper(pid_t daemon, LastWord word, sys::SignalReader signals, const std::vector<pid_t>& found)
    : daemon_(daemon), word_(word), signals_(std::move(signals)), found_(found.begin(), found.end()) {
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
  clear_cgroup_base(daemon_, daemon_started_, limits::kKillPasses);
  if (!word_.was_said()) kill_descendants();
  reap();
  return WIFSIGNALED(*status_) ? 128 + WTERMSIG(*status_) : WEXITSTATUS(*status_);
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

int become_daemon(const std::function<int(sys::Fd)>& daemon, LastWord word, sys::Pipe life) {
  setpgid(0, 0);
  life.write.reset();
  const int code = daemon(std::move(life.read));
  word.say();
  return code;
}

}  // namespace

Result<int> run_kept(const std::function<int(sys::Fd)>& daemon) {
  if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0) return fail_errno("cannot become a subreaper", errno);
  sys::hold_signals();
  auto life = sys::make_pipe();
  if (!life) return tl::unexpected(life.error());
  auto signals = sys::SignalReader::make(signals_to_read());
  if (!signals) return tl::unexpected(signals.error());
  auto word = LastWord::make();
  if (!word) return tl::unexpected(word.error());
  const std::vector<pid_t> found = sys::children_of(getpid());
  const pid_t pid = fork();
  if (pid < 0) return fail_errno("cannot start the daemon", errno);
  if (pid == 0) {
    signals = tl::unexpected(Error{});
    return become_daemon(daemon, *word, std::move(*life));
  }
  setpgid(pid, pid);
  life->read.reset();
  let_go_of_streams();
  return Keeper(pid, *word, std::move(*signals), found).keep();
}

}  // namespace taskrun::process

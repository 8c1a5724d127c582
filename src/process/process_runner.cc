#include "process/process_runner.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <cerrno>
#include <unordered_map>
#include <unordered_set>

#include <boost/asio/post.hpp>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "process/attempt.h"
#include "process/plan.h"
#include "process/spawn.h"
#include "process/start_failure.h"

namespace taskrun::process {
namespace {

// Children reaped before the loop gets its turn again: a task may leave ten thousand.
constexpr int kReapBatch = 1000;
// Descriptors that no start may use up: ending what runs needs some.
constexpr std::uint64_t kReservedDescriptors = 16;

StartFailure to_failure(const Error& error) { return StartFailure{error.message, StartFailure::Kind::other}; }

std::string value_of(const Launch& launch, std::string_view name) {
  for (const std::string& entry : launch.environment) {
    if (entry.size() > name.size() && entry[name.size()] == '=' && entry.starts_with(name)) {
      return entry.substr(name.size() + 1);
    }
  }
  return "";
}

Marks marks_of(const Launch& launch) {
  return {value_of(launch, "TASKRUN_RUN_ID"), value_of(launch, "TASKRUN_ATTEMPT"), value_of(launch, "TASKRUN_HOOK")};
}

// Descriptors are numbered from below: one near the limit tells that nearly all are taken.
Result<void> check_reserve(const TaskEnds& ends) {
  rlimit limit{};
  getrlimit(RLIMIT_NOFILE, &limit);
  const std::uint64_t reserve = std::min<std::uint64_t>(kReservedDescriptors, limit.rlim_cur / 4);
  for (const sys::Fd& end : ends) {
    if (end && static_cast<std::uint64_t>(end.get()) + reserve >= limit.rlim_cur) {
      return fail_errno("cannot open a pipe", EMFILE);
    }
  }
  return {};
}

// So that a task of another user may open /dev/stdout and its like by name. Where that is refused, so is the start.
void hand_over(const TaskEnds& ends, const Credentials& credentials) {
  for (const sys::Fd& end : ends) {
    if (end && fchown(end.get(), credentials.user, credentials.group) != 0) return;
  }
}

class ProcessRunner : public Runner {
 public:
  ProcessRunner(boost::asio::io_context& loop, Listener& listener, std::unique_ptr<Containment> containment,
                Spawner spawner, std::unique_ptr<PipeWatch> pipes, sys::Fd null, const RunnerSettings& settings)
      : loop_(loop),
        listener_(listener),
        containment_(std::move(containment)),
        spawner_(std::move(spawner)),
        pipes_(std::move(pipes)),
        null_(std::move(null)),
        settings_(settings) {}
  ~ProcessRunner() override;

  tl::expected<pid_t, StartFailure> start(AttemptId attempt, const Launch& launch) override;
  void stop(AttemptId attempt, int signal) override;
  void kill(AttemptId attempt) override;
  void reap() override;

 private:
  using AttemptPtr = std::shared_ptr<Attempt>;
  struct Ended {
    AttemptPtr attempt;
    int status;
    rusage usage;
  };

  [[nodiscard]] Result<AttemptPtr> prepare(AttemptId id, const Launch& launch);
  [[nodiscard]] Result<sys::Fd> open_stdin(const Launch& launch);
  [[nodiscard]] tl::expected<Spawned, StartFailure> spawn(Attempt& attempt, const Launch& launch);
  [[nodiscard]] AttemptPtr find(AttemptId id) const;
  // Reaps up to a batch; how many processes that were.
  int reap_batch(std::vector<Ended>& ended);

  boost::asio::io_context& loop_;
  Listener& listener_;
  std::unique_ptr<Containment> containment_;
  Spawner spawner_;
  std::unique_ptr<PipeWatch> pipes_;
  sys::Fd null_;
  RunnerSettings settings_;
  std::array<char, limits::kReadChunk> buffer_{};
  std::unordered_map<AttemptId, AttemptPtr> attempts_;
  std::unordered_map<pid_t, AttemptPtr> mains_;       // not yet reaped
  std::unordered_map<AttemptId, AttemptPtr> ending_;  // reaped, and not yet ended
  std::shared_ptr<void> alive_ = std::make_shared<int>();
};

ProcessRunner::~ProcessRunner() {
  for (const auto& [id, attempt] : attempts_) attempt->kill();
  mains_.clear();
  ending_.clear();
  attempts_.clear();
}

tl::expected<pid_t, StartFailure> ProcessRunner::start(AttemptId id, const Launch& launch) {
  assert(!launch.argv.empty() && !attempts_.contains(id));
  auto attempt = prepare(id, launch);
  if (!attempt) return tl::unexpected(to_failure(attempt.error()));
  auto spawned = spawn(**attempt, launch);
  if (!spawned) return tl::unexpected(spawned.error());
  const pid_t pid = spawned->pid;
  mains_.emplace(pid, *attempt);
  attempts_.emplace(id, *attempt);
  (*attempt)->on_started(std::move(*spawned));
  return pid;
}

Result<ProcessRunner::AttemptPtr> ProcessRunner::prepare(AttemptId id, const Launch& launch) {
  auto cell = containment_->make_cell(marks_of(launch), launch.limits);
  if (!cell) return tl::unexpected(cell.error());
  const AttemptPlace place{loop_, listener_, *containment_, *pipes_, buffer_};
  return std::make_shared<Attempt>(id, launch, place, std::move(*cell), [this](AttemptId ended) {
    attempts_.erase(ended);
    ending_.erase(ended);
  });
}

tl::expected<Spawned, StartFailure> ProcessRunner::spawn(Attempt& attempt, const Launch& launch) {
  auto plan = Plan::make(launch, attempt.cell().unenforced(launch.limits), settings_.open_files);
  if (!plan) return tl::unexpected(plan.error());
  auto input = open_stdin(launch);
  if (!input) return tl::unexpected(to_failure(input.error()));
  auto ends = attempt.open_pipes(launch);
  if (!ends) return tl::unexpected(to_failure(ends.error()));
  if (auto enough = check_reserve(*ends); !enough) return tl::unexpected(to_failure(enough.error()));
  ChildOrders orders = plan->orders();
  orders.descriptors[0] = *input ? input->get() : null_.get();
  orders.descriptors[1] = (*ends)[0] ? (*ends)[0].get() : null_.get();
  orders.descriptors[2] = (*ends)[1] ? (*ends)[1].get() : null_.get();
  orders.descriptors[3] = (*ends)[2].get();
  if (plan->credentials()) hand_over(*ends, *plan->credentials());
  auto spawned = spawner_.spawn(orders, attempt.cell().cgroup());
  if (!spawned) return tl::unexpected(plan->describe(spawned.error()));
  return std::move(*spawned);
}

Result<sys::Fd> ProcessRunner::open_stdin(const Launch& launch) {
  if (!launch.stdin_text) return sys::Fd();
  auto file = sys::make_memory_file(*launch.stdin_text);
  return file ? sys::move_up(std::move(*file), kLowestOwn) : std::move(file);
}

ProcessRunner::AttemptPtr ProcessRunner::find(AttemptId id) const {
  const auto found = attempts_.find(id);
  return found == attempts_.end() ? nullptr : found->second;
}

void ProcessRunner::stop(AttemptId id, int signal) {
  if (const auto attempt = find(id)) attempt->stop(signal);
}

void ProcessRunner::kill(AttemptId id) {
  if (const auto attempt = find(id)) attempt->kill();
}

// First all that have ended are reaped, then the orphans they left are looked for once, then the attempts go on: a main
// process's children are ours by the time it can be reaped.
void ProcessRunner::reap() {
  std::vector<Ended> ended;
  const int reaped = reap_batch(ended);
  if (reaped == 0) return;
  containment_->refresh();
  for (const Ended& main : ended) main.attempt->on_main_reaped(main.status, main.usage);
  std::vector<AttemptPtr> to_advance;
  for (const auto& [id, attempt] : ending_) to_advance.push_back(attempt);
  for (const AttemptPtr& attempt : to_advance) attempt->advance();
  if (reaped < kReapBatch) return;
  boost::asio::post(loop_, [this, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) reap();
  });
}

int ProcessRunner::reap_batch(std::vector<Ended>& ended) {
  int count = 0;
  for (; count < kReapBatch; ++count) {
    int status = 0;
    rusage usage{};
    const pid_t pid = wait4(-1, &status, WNOHANG, &usage);
    if (pid <= 0) break;  // no call that does not wait is interrupted
    const auto main = mains_.find(pid);
    if (main == mains_.end()) {
      containment_->on_reaped(pid);
      continue;
    }
    ending_.emplace(main->second->id(), main->second);
    ended.push_back({main->second, status, usage});
    mains_.erase(main);
  }
  return count;
}

}  // namespace

Result<std::unique_ptr<Runner>> make_runner(boost::asio::io_context& loop, Listener& listener,
                                            std::unique_ptr<Containment> containment, const RunnerSettings& settings) {
  assert(syscall(SYS_gettid) == getpid());
  auto spawner = Spawner::make();
  if (!spawner) return tl::unexpected(spawner.error());
  auto null = sys::open_file("/dev/null", O_RDWR);
  if (null) null = sys::move_up(std::move(*null), kLowestOwn);
  if (!null) return tl::unexpected(null.error());
  auto pipes = PipeWatch::make(loop);
  if (!pipes) return tl::unexpected(pipes.error());
  return std::make_unique<ProcessRunner>(loop, listener, std::move(containment), std::move(*spawner), std::move(*pipes),
                                         std::move(*null), settings);
}

}  // namespace taskrun::process

#include "cli/run_wait.h"

#include <algorithm>
#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "cli/exit_codes.h"

namespace taskrun::cli {
namespace {

class RunWait {
 public:
  RunWait(const RunnerLink& link, std::string task, std::string run)
      : link_(link), task_(std::move(task)), run_(std::move(run)) {}

  /// How the run has ended, where one of the lines tells.
  Answered<std::optional<Ended>> look_at(const std::vector<std::string>& lines) {
    for (const std::string& line : lines) {
      if (auto ended = read_ending(line, run_)) return complete(*std::move(ended));
      if (line.find("\"event\":\"events_dropped\"") != std::string::npos) {
        if (auto ended = ask(); !ended || *ended) return ended;
      }
    }
    return std::nullopt;
  }
  /// The stream broke: where the runner still answers, this reader was too slow. How the run has ended; nothing where
  /// it is alive, and followed again.
  Answered<std::optional<Ended>> look_again(Following& following) {
    const auto runner = link_.look();
    if (!runner) return tl::unexpected(runner.error());
    auto ended = ask();
    if (!ended || *ended) return ended;
    const auto begun = following.begin_again(runner->seq, task_);
    if (!begun) return tl::unexpected(begun.error());
    return std::nullopt;
  }
  /// The end of the stream: the runner has stopped, and its lines did not tell.
  [[nodiscard]] Trouble unknown_end() const {
    return {kNotDone, "unknown_end", fmt::format("run {} has ended; how is not known any more", run_)};
  }

 private:
  // Why a run could not start the task knows more exactly than the line.
  Answered<std::optional<Ended>> complete(Ended ended) {
    if (!ended.ending.start_failure) return ended;
    const auto task = seen();
    const auto remembered = task ? remembered_ending(*task, run_) : std::nullopt;
    if (remembered) ended.ending = remembered->ending;
    return ended;
  }
  // Nothing where the run is still alive.
  Answered<std::optional<Ended>> ask() {
    const auto task = seen();
    if (!task) return tl::unexpected(task.error());
    if (auto ended = remembered_ending(*task, run_)) return ended;  // though its hook may still run
    if (std::ranges::find(task->runs, run_, &RunSeen::id) != task->runs.end()) return std::nullopt;
    return tl::unexpected(unknown_end());
  }
  [[nodiscard]] Answered<TaskSeen> seen() const {
    const auto body = link_.ask("GET", task_target(task_));
    return body ? read_task(*body) : tl::unexpected(body.error());
  }

  const RunnerLink& link_;
  std::string task_;
  std::string run_;
};

}  // namespace

Answered<std::variant<Ended, Interrupted>> wait_for_run(const RunnerLink& link, Following& following,
                                                        const std::string& task, const std::string& run) {
  RunWait wait(link, task, run);
  for (;;) {
    const auto step = following.next();
    if (!step && step.error().error_code != ECONNRESET) return tl::unexpected(step.error());
    if (step && std::holds_alternative<Following::End>(*step)) return tl::unexpected(wait.unknown_end());
    if (const auto* const signal = step ? std::get_if<Following::Signal>(&*step) : nullptr) {
      return Interrupted{signal->number};
    }
    const auto* const lines = step ? std::get_if<Following::Lines>(&*step) : nullptr;
    if (step && lines == nullptr) continue;
    auto ended = lines != nullptr ? wait.look_at(lines->lines) : wait.look_again(following);
    if (!ended) return tl::unexpected(ended.error());
    if (*ended) return **std::move(ended);
  }
}

}  // namespace taskrun::cli

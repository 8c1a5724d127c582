#include "cli/status_watch.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/following.h"
#include "cli/runner_view.h"
#include "cli/screen.h"
#include "cli/status_table.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kShortestGap{300};
constexpr std::chrono::seconds kTick{1};
// The runner spends at most such a part of its time on answers to us.
constexpr int kShare = 10;
constexpr int kSignalBase = 128;

// What Ctrl-Z does to a program that does not listen for it: nothing where no shell could wake it again.
void stop_as_usual() {
  sigset_t one;
  ::sigemptyset(&one);
  ::sigaddset(&one, SIGTSTP);
  ::raise(SIGTSTP);
  ::pthread_sigmask(SIG_UNBLOCK, &one, nullptr);
  ::pthread_sigmask(SIG_BLOCK, &one, nullptr);
}

class StatusWatch {
 public:
  StatusWatch(const RunnerLink& link, const StatusOptions& options, RunnerView view, Following following)
      : link_(link),
        options_(options),
        view_(std::move(view)),
        following_(std::move(following)),
        screen_(STDOUT_FILENO) {}

  /// Until something ends it: the exit code.
  int run() {
    std::optional<int> code = draw();
    while (!code) code = turn();
    screen_.leave();
    if (trouble_) return give_up("status", options_.ask, *trouble_);
    return *code;
  }

 private:
  std::optional<int> turn() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_draw_ - Clock::now());
    auto step = following_.next(std::max(left, std::chrono::milliseconds(0)));
    if (!step) return step.error().error_code == ECONNRESET ? begin_again() : stop(step.error());
    if (std::holds_alternative<Following::End>(*step)) {
      return stop(no_runner(fmt::format("the runner '{}' has stopped", view_.runner.instance)).value());
    }
    if (const auto* const signal = std::get_if<Following::Signal>(&*step)) return take(signal->number);
    if (std::holds_alternative<Following::Lines>(*step)) note_change();
    return Clock::now() < next_draw_ ? std::nullopt : redraw();
  }

  void note_change() {
    if (!std::exchange(is_stale_, true)) next_draw_ = std::min(next_draw_, looked_ + gap_);
  }

  // A runner that ends no longer answers, and its stream says so a moment later, in better words.
  std::optional<int> redraw() {
    if (!is_stale_) return draw();
    const auto code = look();
    if (!code) {
      is_unanswered_ = false;
      return draw();
    }
    if (std::exchange(is_unanswered_, true)) return code;
    trouble_.reset();
    next_draw_ = Clock::now() + kTick;
    return std::nullopt;
  }

  std::optional<int> look() {
    const auto begin = Clock::now();
    auto view = cli::look(link_, options_.tasks);
    if (!view) return stop(view.error());
    looked_ = Clock::now();
    gap_ = std::max(Clock::duration(kShortestGap), kShare * (looked_ - begin));
    view_ = *std::move(view);
    is_stale_ = false;
    return std::nullopt;
  }

  std::optional<int> draw() {
    next_draw_ = Clock::now() + kTick;
    const Terminal terminal = terminal_at(STDOUT_FILENO);
    const int drawn = screen_.draw(status_text(view_.runner, view_.tasks, sys::read_clocks().wall, terminal));
    return drawn == kDone ? std::nullopt : std::optional(drawn);
  }

  // Who was stopped for a while has been cut off.
  std::optional<int> begin_again() {
    if (const auto code = look()) return code;
    const auto begun = following_.begin_again(view_.runner.seq, "");
    return begun ? draw() : stop(begun.error());
  }

  std::optional<int> take(int signal) {
    if (signal == SIGINT) return kDone;
    if (signal != SIGTSTP && signal != SIGWINCH) return kSignalBase + signal;
    if (signal == SIGTSTP) {
      screen_.leave();
      stop_as_usual();
      screen_.enter();
    }
    return draw();
  }

  std::optional<int> stop(Trouble trouble) {
    trouble_ = std::move(trouble);
    return trouble_->exit_code;
  }

  const RunnerLink& link_;
  const StatusOptions& options_;
  RunnerView view_;
  Following following_;
  Screen screen_;
  std::optional<Trouble> trouble_;
  bool is_unanswered_ = false;  // the last look was
  bool is_stale_ = false;       // something has happened since view_
  Clock::time_point looked_ = Clock::now();
  Clock::duration gap_ = kShortestGap;
  Clock::time_point next_draw_;
};

int refuse(std::string_view why) {
  return give_up(fmt::format("taskrun status: --watch {}\nsee 'taskrun status --help'\n", why), kUsage);
}

}  // namespace

int watch_status(const RunnerLink& link, const StatusOptions& options) {
  if (options.ask.json) return refuse("and --json exclude each other ('taskrun events --follow' is for programs)");
  if (!is_drawable(STDOUT_FILENO)) return refuse("needs a terminal that can be drawn on");
  auto view = look(link, options.tasks);
  if (!view) return give_up("status", options.ask, view.error());
  auto following = Following::begin(link, view->runner.seq, "", {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP, SIGWINCH});
  if (!following) return give_up("status", options.ask, following.error());
  return StatusWatch(link, options, *std::move(view), *std::move(following)).run();
}

}  // namespace taskrun::cli

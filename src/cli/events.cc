#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/following.h"
#include "cli/run.h"

namespace taskrun::cli {
namespace {

// What of the lines is wanted. All of them where somebody follows: then the runner has chosen already.
class Choice {
 public:
  Choice(const EventsOptions& options, std::uint64_t last) : options_(options), last_(last) {}

  /// The text of those lines that are wanted.
  [[nodiscard]] std::string of(const std::vector<std::string>& lines) {
    std::string text;
    for (const std::string& line : lines) {
      if (!is_done_ && is_wanted(line)) text += line + '\n';
    }
    return text;
  }
  [[nodiscard]] bool is_done() const { return is_done_; }

 private:
  bool is_wanted(const std::string& line) {
    if (options_.follow) return true;
    const auto json = nlohmann::json::parse(line, nullptr, false);
    if (!json.is_object()) return true;
    const std::uint64_t seq = json.value("seq", std::uint64_t{0});
    is_done_ = seq >= last_;
    return seq <= last_ && (!options_.task || json.value("task", "") == *options_.task);
  }

  const EventsOptions& options_;
  std::uint64_t last_;
  bool is_done_ = false;
};

int print(Following& following, const EventsOptions& options, std::uint64_t last) {
  Choice choice(options, last);
  while (!choice.is_done()) {
    const auto step = following.next();
    if (!step) return give_up("events", options.ask, step.error());
    if (std::holds_alternative<Following::End>(*step)) return kDone;
    if (std::holds_alternative<Following::Silence>(*step)) {
      if (options.follow) continue;
      return give_up("events", options.ask, no_runner("the runner has become silent").value());
    }
    const std::string text = choice.of(std::get<Following::Lines>(*step).lines);
    if (const int written = text.empty() ? kDone : answer(text); written != kDone) return written;
  }
  return kDone;
}

// A name that no task has now may be that of one that was, or comes.
void warn_of_unknown(const RunnerLink& link, const EventsOptions& options) {
  if (!options.task || link.ask("GET", task_target(*options.task))) return;
  tell(fmt::format("taskrun events: warning: there is no task '{}' now\n", printable(*options.task)));
}

}  // namespace

int events(const EventsOptions& options) {
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return give_up("events", options.ask, runner.error());
  warn_of_unknown(runner->link, options);
  const std::string_view chosen_there = options.follow && options.task ? std::string_view(*options.task) : "";
  auto following = Following::begin(runner->link, options.since.value, chosen_there, {});
  if (!following) return give_up("events", options.ask, following.error());
  if (!options.follow && options.since.value == runner->seen.seq) return kDone;
  return print(*following, options, runner->seen.seq);
}

}  // namespace taskrun::cli

#include "cli/run_ending.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/signals.h"
#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/length.h"

namespace taskrun::cli {
namespace {

using Json = nlohmann::json;

constexpr std::array kOutcomes{Outcome::success, Outcome::failure, Outcome::timeout, Outcome::error,
                               Outcome::cancelled};

Outcome outcome_of(std::string_view word) {
  const auto* const found = std::ranges::find(kOutcomes, word, [](Outcome outcome) { return to_word(outcome); });
  return found != kOutcomes.end() ? *found : Outcome::error;
}

StartFailure::Kind kind_of(std::string_view word) {
  if (word == "not_found") return StartFailure::Kind::not_found;
  return word == "not_executable" ? StartFailure::Kind::not_executable : StartFailure::Kind::other;
}

daemon::RunEnding ending_of(const LastRunSeen& run) {
  daemon::RunEnding ending;
  ending.outcome = outcome_of(run.outcome);
  ending.exit.exit_code = run.exit_code;
  if (!run.signal.empty()) ending.exit.signal = parse_signal(run.signal);
  if (ending.outcome == Outcome::error && !run.exit_code) ending.start_failure = kind_of(run.start_failure);
  return ending;
}

std::string text_of(const LastRunSeen& run) {
  std::string why;
  if (!run.error.empty()) {
    why = ", " + run.error;
  } else if (!run.signal.empty()) {
    why = ", " + run.signal;
  } else if (run.exit_code && run.outcome != "success") {
    why = fmt::format(", exit {}", *run.exit_code);
  }
  return fmt::format("{}{}, took {}", run.outcome, why, length_of(run.duration));
}

Ended never_begun(const std::string& reason) {
  return {{}, reason, fmt::format("it was not run ({})", reason), "", ""};
}

// A run that waited for its place is told as cancelled, too.
Ended ended(const LastRunSeen& run) {
  const bool has_begun = run.outcome != "cancelled" || !run.error.starts_with("ended before attempt 1 ");
  return has_begun ? Ended{ending_of(run), "", text_of(run), "", ""} : never_begun("cancelled");
}

// A run_finished has the keys of a last run, and more.
Ended finished(std::string_view text, const Json& line) {
  Ended out = ended(read_last_run(text).value_or(LastRunSeen{}));
  out.line = std::string(text) + '\n';
  out.output = line.value("stdout", "") + line.value("stderr", "");
  return out;
}

}  // namespace

std::optional<Ended> read_ending(std::string_view line, std::string_view run) {
  if (line.find(run) == std::string_view::npos) return std::nullopt;
  const Json json = Json::parse(line, nullptr, false);
  if (!json.is_object() || json.value("run_id", "") != run) return std::nullopt;
  const std::string event = json.value("event", "");
  if (event == "run_finished" && json.value("final", false)) return finished(line, json);
  if (event != "run_skipped") return std::nullopt;
  Ended skipped = never_begun(printable(json.value("reason", "unknown")));
  skipped.line = std::string(line) + '\n';
  return skipped;
}

std::optional<Ended> remembered_ending(const TaskSeen& task, std::string_view run) {
  if (!task.last_run || task.last_run->id != run) return std::nullopt;
  return ended(*task.last_run);
}

int exit_code_of(const Ended& ended) {
  return ended.skip_reason.empty() ? daemon::exit_code_of(ended.ending) : kUnavailable;
}

}  // namespace taskrun::cli

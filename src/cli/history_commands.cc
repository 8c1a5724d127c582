// The rows of the commands that read the history (command.cc has the others).

#include "cli/history_commands.h"

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::cli {
namespace {

constexpr std::string_view kInstanceMeaning = "of the runner of this name (default: the manifest's, else the only one)";
constexpr std::string_view kStateMeaning = "where it is: in DIR/INSTANCE (default: as for `start`)";
constexpr std::string_view kManifestMeaning = "of the runner of this manifest (default: as for `start`)";

template <class Options>
constexpr Flag instance_flag() {
  return {"--instance", "", "INSTANCE", kInstanceMeaning, into<&Options::of, &HistoryChoice::instance>};
}
template <class Options>
constexpr Flag manifest_flag() {
  return {"--manifest", "-m", "FILE", kManifestMeaning,
          into<&Options::of, &HistoryChoice::manifest, &ManifestChoice::path>};
}
template <class Options>
constexpr Flag state_flag() {
  return {"--state", "", "DIR", kStateMeaning, into<&Options::of, &HistoryChoice::state>};
}

constexpr Example kHistoryExamples[] = {
    {"taskrun history", "what ran last"},
    {"taskrun history billing --failed --since 24h", "of one task, what went wrong since yesterday"},
    {"taskrun history --summary", "each task: how often, how well, how long"},
    {"taskrun history --since 2026-02-01 --limit 100000 --csv", "for a spreadsheet"},
};

// Both the argument and the flag: they may agree, but one of two is not left out silently.
std::string into_task(Invocation& invocation, std::string_view text) {
  auto& task = std::get<HistoryOptions>(invocation).task;
  if (!task || *task == text) return read_value(text, task);
  return fmt::format("'{}' and '{}': one task at most can be named", printable(*task, 40), printable(text, 40));
}

constexpr Flag kHistoryFlags[] = {
    {"--task", "", "TASK", "only this task", into_task},
    {"--failed", "", "", "only failure, timeout and error", into<&HistoryOptions::failed>},
    {"--since", "", "TIME", "what ended within this duration (24h), or since this time", into<&HistoryOptions::since>},
    {"--until", "", "TIME", "what began before that", into<&HistoryOptions::until>},
    {"--limit", "", "N", "how many at most (default 50)", into<&HistoryOptions::limit>},
    {"--summary", "", "", "a line for each task, over its last 10000 runs", into<&HistoryOptions::summary>},
    {"--json", "", "", "one JSON array instead of a table", into<&HistoryOptions::json>},
    {"--csv", "", "", "comma-separated values, with a heading", into<&HistoryOptions::csv>},
    manifest_flag<HistoryOptions>(),
    instance_flag<HistoryOptions>(),
    state_flag<HistoryOptions>(),
};

constexpr std::string_view kShowNotes =
    "exit codes:\n"
    "  0 done, 1 there is no such run, or several, 2 usage, or several runners and\n"
    "  none was named, 66 there is no history, 70 it cannot be read\n";

constexpr std::string_view kHistoryNotes =
    "A run without an end is running, or unfinished where its runner is gone; the\n"
    "next runner tells its end.\n"
    "\n"
    "exit codes:\n"
    "  0 done, 2 usage, or several runners and none was named, 66 there is no\n"
    "  history, 70 it cannot be read, 78 it knows no such task\n";

constexpr Example kShowExamples[] = {
    {"taskrun show 7f3a9c21", "a run of `taskrun history`, by the end of its id"},
    {"taskrun show 7f3a9c21 --json | jq '.attempts[-1].result'", "for programs"},
};

constexpr Flag kShowFlags[] = {
    {"--json", "", "", "one JSON object instead of text", into<&ShowRunOptions::json>},
    manifest_flag<ShowRunOptions>(),
    instance_flag<ShowRunOptions>(),
    state_flag<ShowRunOptions>(),
};

template <class Options>
Invocation defaults() {
  return Options{};
}

constexpr Command kCommands[] = {
    {"history",
     "show what has run, and what has not",
     kHistoryExamples,
     {"TASK", "only this task (default: all)", false, false, into_task},
     kHistoryFlags,
     kHistoryNotes,
     defaults<HistoryOptions>},
    {"show",
     "show all that is known of one run, with its output",
     kShowExamples,
     {"ID", "the run's id, or four digits or more of its beginning or its end", true, false,
      into<&ShowRunOptions::run>},
     kShowFlags,
     kShowNotes,
     defaults<ShowRunOptions>},
};

}  // namespace

std::span<const Command> history_commands() { return kCommands; }

}  // namespace taskrun::cli

#include "cli/history_place.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/instance_name.h"
#include "cli/manifest_source.h"
#include "cli/runner_answers.h"
#include "cli/runner_link.h"
#include "cli/state_directory.h"
#include "sys/lock_file.h"

namespace fs = std::filesystem;

namespace taskrun::cli {
namespace {

tl::unexpected<Trouble> no_history(int exit_code, std::string message) {
  return tl::unexpected(Trouble{exit_code, "no_history", printable(message, 1'000)});
}

// Where there is a history to be read without it, a runner that hangs is not waited for.
constexpr std::chrono::milliseconds kShortPatience{1'000};

// The state directory of a runner that is alive, as it says itself; nothing where none answers, or it has none.
std::optional<std::string> state_of_runner(const Name& instance, bool is_needed) {
  const auto link = RunnerLink::find({std::nullopt, instance});
  const auto patience = is_needed ? std::chrono::milliseconds(control::kPatience) : kShortPatience;
  const auto body = link ? link->ask("GET", "/v1/runner", "", patience) : tl::unexpected(link.error());
  const auto state = body ? read_text(*body, "state") : tl::unexpected(body.error());
  return state ? std::optional(*state) : std::nullopt;
}

std::string file_in(const fs::path& directory) { return (directory / report::kHistoryName).string(); }

bool is_there(const std::string& path) {
  std::error_code ignored;
  return fs::exists(path, ignored);
}

Answered<std::string> usual_place(const HistoryChoice& choice, const std::string& instance) {
  const auto directory = state_directory(choice.state, instance, this_surroundings());
  if (!directory) return no_history(kNoInput, directory.error().message);
  return file_in(*directory);
}

// Of one instance: where the runner says, if it is alive and nobody says otherwise.
Answered<std::string> place_of(const HistoryChoice& choice, const std::string& instance) {
  auto usual = usual_place(choice, instance);
  if (choice.state) return usual;
  const auto state = state_of_runner({instance}, !usual || !is_there(*usual));
  return state ? file_in(*state) : usual;
}

// Every history below the state directory.
Answered<std::string> only_place(const HistoryChoice& choice) {
  const auto any = state_directory(choice.state, "any", this_surroundings());
  if (!any) return no_history(kNoInput, any.error().message);
  const fs::path root = fs::path(*any).parent_path();
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(root, error), end; !error && entry != end; entry.increment(error)) {
    if (is_there(file_in(entry->path()))) names.push_back(entry->path().filename().string());
  }
  std::ranges::sort(names);
  if (names.size() == 1) return file_in(root / names.front());
  if (names.empty()) {
    return no_history(kNoInput, fmt::format("no runner has recorded anything in '{}' (--state and --instance name "
                                            "another place)",
                                            root.string()));
  }
  return no_history(kUsage,
                    fmt::format("there are several histories, --instance says which: {}", fmt::join(names, ", ")));
}

// Where nothing says whose history is meant.
Answered<std::string> any_place(const HistoryChoice& choice) {
  auto only = only_place(choice);
  if (choice.state) return only;
  const auto state = state_of_runner({}, !only);
  return state && is_there(file_in(*state)) ? file_in(*state) : only;
}

// The instance of the manifest, where there is one; trouble where one was named and cannot be read.
Answered<std::optional<std::string>> instance_of_manifest(const ManifestChoice& choice) {
  const ManifestReading reading = read_manifest(choice);
  if (reading.exit_code == kDone) return std::optional(instance_name("", reading));
  if (!choice.path) return std::optional<std::string>();
  std::string message = reading.failure.empty() ? told(reading, {}) : reading.failure;
  while (message.ends_with('\n')) message.pop_back();
  return tl::unexpected(Trouble{reading.exit_code, "no_manifest", std::move(message)});
}

Answered<std::string> find_history(const HistoryChoice& choice) {
  if (!choice.instance.text.empty()) return place_of(choice, choice.instance.text);
  const auto named = instance_of_manifest(choice.manifest);
  if (!named) return tl::unexpected(named.error());
  if (!*named) return any_place(choice);
  auto place = place_of(choice, **named);
  if (choice.manifest.path || !place || is_there(*place)) return place;
  auto other = any_place(choice);
  if (other) tell(printable(fmt::format("nothing is recorded of '{}'; this is '{}'", **named, *other), 1'000) + '\n');
  return other;
}

}  // namespace

Trouble trouble_of(const report::HistoryTrouble& trouble) {
  const std::string message = printable(trouble.error.message, 1'000);
  switch (trouble.kind) {
    case report::HistoryTrouble::Kind::absent:
      return {kNoInput, "no_history", message + " (no runner has recorded anything there)"};
    case report::HistoryTrouble::Kind::corrupt: return {kInternal, "damaged", message};
    case report::HistoryTrouble::Kind::newer: return {kInternal, "newer", message};
    case report::HistoryTrouble::Kind::other: return {kInternal, "unreadable", message};
  }
  __builtin_unreachable();
}

Answered<History> open_history(const HistoryChoice& choice) {
  const auto path = find_history(choice);
  if (!path) return tl::unexpected(path.error());
  auto reader = report::HistoryReader::open(*path);
  if (!reader) return tl::unexpected(trouble_of(reader.error()));
  const auto is_held = sys::is_held(fs::path(*path).replace_filename("lock").string());
  return History{std::move(*reader), is_held.value_or(true)};
}

}  // namespace taskrun::cli

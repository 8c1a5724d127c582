#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/new_task.h"
#include "cli/run.h"
#include "cli/runner_link.h"
#include "cli/task_file.h"
#include "cli/waiting.h"
#include "manifest/json.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace taskrun::cli {
namespace {

// Where the tasks come from, and as what their mistakes are shown.
struct Source {
  std::vector<TaskText> tasks;
  std::string name;      // of the file, or ""
  std::string manifest;  // the path of a file that is one, or ""
};

bool says_what(const AddOptions& options) {
  const auto is_shell = [](const KeyTexts& key) { return key.key == "shell"; };
  return !options.command.empty() || std::ranges::any_of(options.keys, is_shell);
}

Answered<std::string> read_text_of(const std::string& path) {
  const auto text =
      path == "-" ? sys::read_all(STDIN_FILENO, limits::kControlBody) : sys::read_file(path, limits::kControlBody);
  if (text) return *text;
  return tl::unexpected(Trouble{kNoInput, "no_file", printable(text.error().message, 1'000)});
}

Answered<Source> source_in_file(const std::string& path) {
  const auto text = read_text_of(path);
  if (!text) return tl::unexpected(text.error());
  const std::string name = path == "-" ? "<stdin>" : printable(path);
  const std::string stem = path == "-" ? "stdin" : std::filesystem::path(path).stem().string();
  auto file = read_tasks_in(*text, name, stem);
  if (!file) return tl::unexpected(file.error());
  return Source{std::move(file->tasks), name, file->is_manifest && path != "-" ? path : ""};
}

// With something to run it is a NAME, else a FILE.
Answered<Source> source_of(const AddOptions& options) {
  if (says_what(options)) return Source{{{options.what, definition_of(options.keys, options.command)}}, "", ""};
  if (options.keys.empty()) return source_in_file(options.what);
  return tl::unexpected(Trouble{kUsage, "usage",
                                fmt::format("what is '{}' to run? Write '-- COMMAND' at the end, or --shell TEXT\n"
                                            "see 'taskrun add --help'",
                                            printable(options.what))});
}

// The mistakes once more, read here: with the line that they are in, which the runner does not send.
Diagnostics mistakes_here(const Source& source, const TaskText& task) {
  Diagnostics found;
  if (!source.manifest.empty()) {
    found = read_manifest({.path = source.manifest}).diagnostics;
  } else if (auto read = read_task(task.name, task.definition, "", {}); !read) {
    found = std::move(read.error());
  }
  std::erase_if(found, [](const Diagnostic& diagnostic) { return diagnostic.severity != Severity::error; });
  return found;
}

// A mistake that is also seen here is shown here; else as the runner tells it.
Trouble shown(Trouble trouble, const Source& source, const TaskText& task) {
  const std::string name = printable(task.name);
  if (trouble.code == "name_taken") trouble.message = fmt::format("{}: {}", name, trouble.message);
  if (trouble.code != "wrong_task") return trouble;
  trouble.message = fmt::format("{} is not added", name);
  Diagnostics here = mistakes_here(source, task);
  const bool is_seen_here = !here.empty();
  if (is_seen_here) trouble.diagnostics = std::move(here);
  for (Diagnostic& diagnostic : trouble.diagnostics) {
    if (diagnostic.file == "<request>") diagnostic.file = fmt::format("task '{}'", name);
    if (!is_seen_here) diagnostic.line = 0;
  }
  return trouble;
}

Answered<std::string> add_one(const RunnerLink& link, const AddOptions& options, const TaskText& task) {
  const auto body = link.ask("POST", "/v1/tasks",
                             fmt::format(R"({{"name":{},"task":{}{}}})", manifest::quote_json(task.name),
                                         task.definition, options.persist ? R"(,"persist":true)" : ""));
  if (!body || options.ask.json) return body;
  const auto added = read_task(*body);
  if (!added) return tl::unexpected(added.error());
  const auto& next = added->next_run_at;
  return fmt::format("{}: added, id {}{}\n", added->name, added->id,
                     next ? ", next " + coming_in(*next - sys::read_clocks().wall) : "");
}

}  // namespace

int add(const AddOptions& options) {
  const auto source = source_of(options);
  if (!source) return give_up("add", options.ask, source.error());
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return give_up("add", options.ask, runner.error());
  int exit_code = kDone;
  for (const TaskText& task : source->tasks) {
    const auto added = add_one(runner->link, options, task);
    const int code = added ? answer(*added) : give_up("add", options.ask, shown(added.error(), *source, task));
    if (code == kNoRunner || code == kOutputFailed) return code;
    if (exit_code == kDone) exit_code = code;
  }
  return exit_code;
}

}  // namespace taskrun::cli

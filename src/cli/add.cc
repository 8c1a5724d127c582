#include <algorithm>
#include <filesystem>

#include <fmt/format.h>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/added_mistakes.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/new_task.h"
#include "cli/run.h"
#include "cli/runner_link.h"
#include "cli/task_file.h"
#include "cli/waiting.h"
#include "control/answer_json.h"
#include "manifest/json.h"
#include "sys/clock.h"
#include "sys/fd.h"
#include "sys/file.h"

namespace taskrun::cli {
namespace {

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

Answered<AddedSource> source_in_file(const std::string& path) {
  auto text = read_text_of(path);
  if (!text) return tl::unexpected(text.error());
  const std::string name = path == "-" ? "<stdin>" : printable(path);
  const std::string stem = path == "-" ? "stdin" : std::filesystem::path(path).stem().string();
  auto tasks = read_tasks_in(*text, name, stem);
  if (!tasks) return tl::unexpected(tasks.error());
  return AddedSource{*std::move(tasks), name, *std::move(text)};
}

// With something to run it is a NAME, else a FILE.
Answered<AddedSource> source_of(const AddOptions& options) {
  if (says_what(options)) {
    return AddedSource{.tasks = {{options.what, definition_of(options.keys, options.command)}}, .keys = options.keys};
  }
  if (options.keys.empty()) return source_in_file(options.what);
  return tl::unexpected(Trouble{kUsage, "usage",
                                fmt::format("what is '{}' to run? Write '-- COMMAND' at the end, or --shell TEXT\n"
                                            "see 'taskrun add --help'",
                                            printable(options.what))});
}

int refuse(const AddOptions& options, Trouble trouble, const AddedSource& source, const TaskText& task) {
  const std::string name = printable(task.name);
  if (trouble.code == "name_taken") trouble.message = fmt::format("{}: {}", name, trouble.message);
  if (trouble.code != "wrong_task") return give_up("add", options.ask, trouble);
  Diagnostics found = trouble.diagnostics;
  std::erase_if(found, [](const Diagnostic& diagnostic) { return diagnostic.severity != Severity::error; });
  find_places(found, task);
  for (const Diagnostic& diagnostic : found) tell(told(diagnostic, source, task));
  tell(fmt::format("taskrun add: {} is not added\n", name));
  if (!options.ask.json) return trouble.exit_code;
  const int written = answer(control::error_json(trouble.code, trouble.message, trouble.diagnostics));
  return written != kDone ? written : trouble.exit_code;
}

// What `check` would warn of, seen from here: the runner's answer has no room for it.
void tell_doubts(const AddedSource& source, const TaskText& task) {
  for (const Diagnostic& remark : remarks_on_task(task.name, task.definition)) {
    if (remark.severity == Severity::warning) tell(told(remark, source, task));
  }
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
    if (added) tell_doubts(*source, task);
    const int code = added ? answer(*added) : refuse(options, added.error(), *source, task);
    if (code == kNoRunner || code == kOutputFailed) return code;
    if (exit_code == kDone) exit_code = code;
  }
  return exit_code;
}

}  // namespace taskrun::cli

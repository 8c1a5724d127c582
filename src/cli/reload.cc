#include <algorithm>
#include <chrono>

#include <fmt/format.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/manifest_source.h"
#include "cli/run.h"
#include "cli/runner_link.h"

namespace taskrun::cli {
namespace {

// A manifest of 100,000 tasks is not read in a moment; that the runner answers at all is known by then.
constexpr std::chrono::minutes kReading{2};

Answered<std::string> to_text(const std::string& instance, const std::string& body) {
  std::string text = instance + ": reloaded: ";
  for (const char* const key : {"added", "changed", "removed", "unchanged"}) {
    const auto count = read_count(body, key);
    if (!count) return tl::unexpected(count.error());
    text += fmt::format("{}{} {}", text.ends_with(' ') ? "" : ", ", *count, key);
  }
  return text + '\n';
}

bool is_same(const Diagnostic& one, const Diagnostic& other) {
  return one.file == other.file && one.line == other.line && one.column == other.column && one.message == other.message;
}

// The mistakes with the lines that they are in, which the runner does not send: where they are seen here, too. Its
// variables may be others than ours, so what it alone has found stays, and what we alone have found is left out.
std::string mistakes(Diagnostics told_there, const std::string& manifest) {
  const ManifestReading here = read_manifest({.path = manifest});
  bool are_all_seen = true;
  for (Diagnostic& diagnostic : told_there) {
    const auto seen =
        std::ranges::find_if(here.diagnostics, [&](const Diagnostic& d) { return is_same(d, diagnostic); });
    if (seen != here.diagnostics.end()) diagnostic = *seen;
    are_all_seen = are_all_seen && seen != here.diagnostics.end();
  }
  const bool is_as_seen_here = are_all_seen && told_there.size() + here.more_errors == count_errors(here);
  return is_as_seen_here ? told(here, terminal_at(STDERR_FILENO)) : told(told_there);
}

int refuse(const ReloadOptions& options, const std::string& manifest, const Trouble& trouble) {
  const bool has_place = trouble.code == "wrong_manifest" && !manifest.empty();
  const std::string& message = trouble.diagnostics.empty() ? trouble.message : trouble.diagnostics.front().message;
  tell(has_place ? mistakes(trouble.diagnostics, manifest) : fmt::format("taskrun reload: {}\n", message));
  tell("taskrun reload: not reloaded: the one before stays in force\n");
  return answer_trouble(options.ask, trouble);
}

}  // namespace

int reload(const ReloadOptions& options) {
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return give_up("reload", options.ask, runner.error());
  const auto body = runner->link.ask("POST", "/v1/reload", "", kReading);
  if (body) {
    const auto text = options.ask.json ? body : to_text(runner->seen.instance, *body);
    return text ? answer(*text) : give_up("reload", options.ask, text.error());
  }
  const bool is_refused = body.error().code == "wrong_manifest" || body.error().code == "unreadable_manifest";
  return is_refused ? refuse(options, runner->seen.manifest, body.error())
                    : give_up("reload", options.ask, body.error());
}

}  // namespace taskrun::cli

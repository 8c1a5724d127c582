#include <chrono>

#include <fmt/format.h>

#include "cli/answer.h"
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

Answered<std::string> reload_runner(const ReloadOptions& options) {
  const auto runner = ready_runner(options.ask.runner);
  if (!runner) return tl::unexpected(runner.error());
  const auto body = runner->link.ask("POST", "/v1/reload", "", kReading);
  return !body || options.ask.json ? body : to_text(runner->seen.instance, *body);
}

}  // namespace

int reload(const ReloadOptions& options) {
  const auto text = reload_runner(options);
  return text ? answer(*text) : give_up("reload", options.ask, text.error());
}

}  // namespace taskrun::cli

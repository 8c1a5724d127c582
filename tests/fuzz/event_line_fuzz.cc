// The line of an event, whatever a task wrote: one line, bounded, UTF-8, and nothing lost without being counted.

#include <memory>
#include <string>

#include "base/limits.h"
#include "base/text.h"
#include "model/event.h"
#include "report/event_codec.h"
#include "tests/fuzz/target.h"

namespace {

using taskrun::fuzz::require;

taskrun::RunRef some_run() {
  static const auto policy = std::make_shared<const taskrun::TaskPolicy>();
  static const auto spec = std::make_shared<const taskrun::TaskSpec>(
      taskrun::TaskSpec{.name = "task", .what = taskrun::ShellText{}, .schedule = {}, .policy = policy});
  return {.task = {.spec = spec, .id = 1}, .id = {}, .attempt = 1, .trigger = {}, .scheduled_at = {}};
}

void check_line(const taskrun::Fact& fact) {
  const std::string line = taskrun::report::to_json_line({.time = {}, .fact = fact}, 1, "fuzz");
  require(line.size() <= taskrun::limits::kEventLine, "a line is bounded");
  require(line.find('\n') == line.size() - 1, "a line is one line");
  for (std::string_view rest = line; !rest.empty();) {
    const std::size_t length = taskrun::utf8_length(rest);
    require(length > 0, "a line is UTF-8");
    rest.remove_prefix(length);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string text(taskrun::fuzz::as_text(bytes, size));
  const std::size_t middle = size / 2;

  taskrun::RunFinished finished;
  finished.run = some_run();
  finished.error = text.substr(0, 200);
  finished.report.stdout_tail = text.substr(0, middle);
  finished.report.stderr_tail = text.substr(middle);
  finished.report.output_bytes = size;
  check_line(finished);

  taskrun::RunOutput output;
  output.run = some_run();
  output.line = text.substr(0, taskrun::limits::kOutputLine);
  check_line(output);
  return 0;
}

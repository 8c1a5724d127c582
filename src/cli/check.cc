#include <fmt/format.h>
#include <unistd.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/manifest_source.h"
#include "cli/run.h"
#include "report/diagnostic_json.h"
#include "report/line_writer.h"

namespace taskrun::cli {
namespace {

// A manifest that cannot be read is one diagnostic, of the file as a whole.
Diagnostics diagnostics_of(const ManifestReading& reading) {
  if (reading.failure.empty()) return reading.diagnostics;
  return {{.file = reading.name, .message = reading.failure}};
}

std::string to_json(const ManifestReading& reading) {
  std::string out;
  report::LineWriter writer(out);
  writer.flag("ok", reading.exit_code == kDone);
  writer.number("tasks", reading.manifest.tasks.size());
  writer.number("errors", count_errors(reading));
  writer.number("warnings", count_warnings(reading));
  std::string list;
  report::append_diagnostics(list, diagnostics_of(reading));
  writer.json("diagnostics", list);
  writer.close();
  return out + '\n';
}

std::string success_line(const ManifestReading& reading) {
  const std::size_t tasks = reading.manifest.tasks.size();
  return fmt::format("{}: {}, {} task{}\n", reading.name, paint(terminal_at(STDOUT_FILENO), Paint::green, "ok"), tasks,
                     tasks == 1 ? "" : "s");
}

}  // namespace

int check(const CheckOptions& options) {
  const ManifestReading reading = read_manifest(options.manifest);
  int written = kDone;
  if (options.json) {
    written = answer(to_json(reading));
  } else {
    tell(told(reading, terminal_at(STDERR_FILENO)));
    if (reading.exit_code == kDone) written = answer(success_line(reading));
  }
  return written != kDone ? written : reading.exit_code;
}

}  // namespace taskrun::cli

#include "report/diagnostic_json.h"

#include "report/line_writer.h"

namespace taskrun::report {
namespace {

void append(std::string& out, const Diagnostic& diagnostic) {
  LineWriter writer(out);
  writer.word("severity", diagnostic.severity == Severity::error ? "error" : "warning");
  writer.text("file", diagnostic.file);
  writer.number("line", diagnostic.line);
  writer.number("column", diagnostic.column);
  writer.text("message", diagnostic.message);
  writer.text("hint", diagnostic.hint);
  writer.close();
}

}  // namespace

std::size_t append_diagnostics(std::string& out, const Diagnostics& diagnostics, std::size_t room) {
  std::string list;
  std::size_t told = 0;
  for (const Diagnostic& diagnostic : diagnostics) {
    std::string object;
    append(object, diagnostic);
    if (object.size() + list.size() + 2 > room) break;
    if (told++ > 0) list += ',';
    list += object;
  }
  out += '[' + list + ']';
  return told;
}

}  // namespace taskrun::report

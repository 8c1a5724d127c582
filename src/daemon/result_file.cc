#include "daemon/result_file.h"

#include "report/event_codec.h"
#include "sys/file.h"

namespace taskrun::daemon {

void ResultFile::record(const Event& event) {
  const auto* finished = std::get_if<RunFinished>(&event.fact);
  const bool closes = (finished != nullptr && finished->is_final) || std::holds_alternative<RunSkipped>(event.fact);
  if (closes && !path_.empty()) report::append_json_line(lines_, event, next_seq_++, "");
}

Result<void> ResultFile::write() const {
  if (path_.empty()) return {};
  return sys::write_file(path_, lines_, 0600);
}

}  // namespace taskrun::daemon

#include "process/output.h"

namespace taskrun::process {

Output::Output(AttemptId attempt, Stream stream, const OutputPolicy& policy, bool tee, Listener& listener)
    : attempt_(attempt),
      stream_(stream),
      mode_(policy.mode),
      tells_chunks_(tee || policy.mode == OutputMode::raw),
      listener_(listener),
      tail_(policy.mode == OutputMode::tail ? policy.limit.count : 0) {}

void Output::append(std::string_view chunk) {
  bytes_ += chunk.size();
  if (tells_chunks_) listener_.on_chunk(attempt_, stream_, chunk);
  if (mode_ == OutputMode::tail) tail_.append(chunk);
  if (mode_ != OutputMode::lines) return;
  lines_.append(chunk,
                [&](std::string_view line, bool partial) { listener_.on_line(attempt_, stream_, line, partial); });
}

void Output::finish() {
  lines_.finish([&](std::string_view line, bool partial) { listener_.on_line(attempt_, stream_, line, partial); });
}

bool wants_output(const OutputPolicy& policy, bool tee) { return tee || policy.mode != OutputMode::none; }

}  // namespace taskrun::process

#include "report/json_lines.h"

#include <utility>

#include "report/event_codec.h"
#include "report/output_stream.h"

namespace taskrun::report {
namespace {

template <class... Facts>
bool is_one_of(const Fact& fact) {
  return (... || std::holds_alternative<Facts>(fact));
}

// A runner has few of these, and a reader must have them.
bool is_of_runner(const Fact& fact) { return is_one_of<RunnerStarted, RunnerStopping, RunnerStopped>(fact); }

bool is_told(const Fact& fact, EventFilter filter) {
  return filter == EventFilter::all || is_of_runner(fact) || is_one_of<RunFinished, RunSkipped>(fact) ||
         is_one_of<ManifestReloaded, ManifestRejected>(fact) ||
         is_one_of<EventsDropped, ClockJumped, HistoryDegraded, HistoryRestored>(fact);
}

}  // namespace

JsonLines::JsonLines(std::unique_ptr<OutputStream> stream, std::string instance, EventFilter filter, QueueBounds bounds)
    : stream_(std::move(stream)), instance_(std::move(instance)), filter_(filter), bounds_(bounds) {}
JsonLines::JsonLines(JsonLines&&) noexcept = default;
JsonLines& JsonLines::operator=(JsonLines&&) noexcept = default;
JsonLines::~JsonLines() = default;

Result<JsonLines> JsonLines::open(int descriptor, std::string instance, EventFilter filter, QueueBounds bounds) {
  auto stream = OutputStream::open(descriptor);
  if (!stream) return tl::unexpected(std::move(stream.error()));
  return JsonLines(std::move(*stream), std::move(instance), filter, bounds);
}

void JsonLines::record(const Event& event) {
  if (stream_->failure() != 0 || !is_told(event.fact, filter_)) return;
  if (has_room_for(event)) {
    tell_dropped(event.time);
    append(event);
    return;
  }
  drop(event);
}

void JsonLines::drop(const Event& event) {
  if (!is_told(event.fact, filter_)) return;
  if (dropped_from_ == 0) dropped_from_ = next_seq_;
  ++next_seq_;
}

bool JsonLines::has_room_for(const Event& event) {
  const std::size_t pending = stream_->pending();
  if (is_of_runner(event.fact)) return true;
  if (pending >= bounds_.all.count) return false;
  if (!std::holds_alternative<RunOutput>(event.fact)) return true;
  // Two marks, so that a slow reader finds a few long gaps and not many short ones.
  if (pending >= bounds_.output.count) is_dropping_output_ = true;
  if (pending <= bounds_.output.count / 2) is_dropping_output_ = false;
  return !is_dropping_output_;
}

void JsonLines::append(const Event& event) {
  line_.clear();
  append_json_line(line_, event, next_seq_++, instance_);
  stream_->append(line_);
}

void JsonLines::tell_dropped(WallTime time) {
  const std::uint64_t from = std::exchange(dropped_from_, 0);
  if (from != 0) append({time, EventsDropped{from, next_seq_ - 1}});
}

Flushed JsonLines::flush() { return stream_->flush(); }
int JsonLines::ready_fd() const { return stream_->ready_fd(); }
int JsonLines::failure() const { return stream_->failure(); }

Flushed JsonLines::drain(WallTime time, Nanos limit) {
  tell_dropped(time);
  return stream_->drain(limit);
}

}  // namespace taskrun::report

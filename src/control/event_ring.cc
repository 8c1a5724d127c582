#include "control/event_ring.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "report/event_codec.h"

namespace taskrun::control {
namespace {

const std::string& name_of(const TaskRef& task) { return task.spec->name; }
const std::string& name_of(const RunRef& run) { return name_of(run.task); }

// An event is about a task, a run, either, or the runner.
std::string name_of(const Fact& fact) {
  return std::visit(
      [](const auto& concrete) -> std::string {
        if constexpr (requires { concrete.task; }) {
          return name_of(concrete.task);
        } else if constexpr (requires { concrete.run; }) {
          return name_of(concrete.run);
        } else if constexpr (requires { concrete.of; }) {
          return std::visit([](const auto& of) -> std::string { return name_of(of); }, concrete.of);
        } else {
          return "";
        }
      },
      fact);
}

}  // namespace

void EventRing::record(const Event& event) {
  append({report::to_json_line(event, last_seq() + 1, instance_), name_of(event.fact), event.time});
  if (listener_) listener_();
}

void EventRing::drop(const Event& event) { append({"", "", event.time}); }

void EventRing::append(Line line) {
  const auto cost = [](const Line& of) { return of.text.empty() ? sizeof(Line) : of.text.size(); };
  size_ += cost(line);
  lines_.push_back(std::move(line));
  while (size_ > bound_.count && lines_.size() > 1) {
    size_ -= cost(lines_.front());
    lines_.pop_front();
    ++first_;
  }
}

// The number of the first line from `from` on that can be read; last_seq() + 1 where none can.
std::uint64_t EventRing::next_kept(std::uint64_t from) const {
  std::uint64_t number = std::max(from, first_);
  while (number <= last_seq() && line(number).text.empty()) ++number;
  return number;
}

std::string EventCursor::read(const EventRing& ring, std::size_t room) {
  std::string out;
  for (std::uint64_t kept = ring.next_kept(next_); kept <= ring.last_seq(); kept = ring.next_kept(next_)) {
    const EventRing::Line& line = ring.line(kept);
    if (kept != next_) {
      out += report::to_json_line({line.time, EventsDropped{next_, kept - 1}}, kept - 1, ring.instance_);
      next_ = kept;
    }
    const bool is_wanted = task_.empty() || line.task == task_;
    if (is_wanted && !out.empty() && out.size() + line.text.size() > room) break;
    if (is_wanted) out += line.text;
    ++next_;
  }
  return out;
}

}  // namespace taskrun::control

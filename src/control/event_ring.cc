#include "control/event_ring.h"

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
  std::string text = report::to_json_line(event, last_seq() + 1, instance_);
  size_ += text.size();
  lines_.push_back({std::move(text), name_of(event.fact), event.time});
  while (size_ > bound_.count && lines_.size() > 1) {
    size_ -= lines_.front().text.size();
    lines_.pop_front();
    ++first_;
  }
  if (listener_) listener_();
}

std::string EventCursor::read(const EventRing& ring, std::size_t room) {
  std::string out;
  if (next_ < ring.first_) {
    const Event dropped{ring.lines_.front().time, EventsDropped{next_, ring.first_ - 1}};
    out = report::to_json_line(dropped, ring.first_ - 1, ring.instance_);
    next_ = ring.first_;
  }
  for (; next_ <= ring.last_seq(); ++next_) {
    const EventRing::Line& line = ring.lines_[next_ - ring.first_];
    const bool is_wanted = task_.empty() || line.task == task_;
    if (!is_wanted) continue;
    if (!out.empty() && out.size() + line.text.size() > room) break;
    out += line.text;
  }
  return out;
}

}  // namespace taskrun::control

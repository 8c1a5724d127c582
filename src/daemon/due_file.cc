#include "daemon/due_file.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/limits.h"
#include "sys/clock.h"
#include "sys/file.h"

namespace taskrun::daemon {
namespace {

constexpr std::string_view kHead = "taskrun-due-times 1";

// The text before the first `mark`, taken off `rest` together with it; nothing where there is no mark.
std::optional<std::string_view> take_until(std::string_view& rest, char mark) {
  const std::size_t end = rest.find(mark);
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view taken = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return taken;
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < 0) return std::nullopt;
  return number;
}

std::optional<WallTime> read_time(std::string_view text) {
  const auto nanos = read_number<Nanos::rep>(text);
  return nanos ? std::optional(WallTime(Nanos(*nanos))) : std::nullopt;
}

// "1770091200000000000 1770080400000000000"
std::optional<engine::DueMark> read_mark(std::string_view text) {
  std::string_view rest = text;
  std::vector<WallTime> times;
  for (bool is_last = false; !is_last;) {
    const auto word = take_until(rest, ' ');
    is_last = !word;
    const auto time = read_time(word.value_or(rest));
    if (!time || times.size() > static_cast<std::size_t>(limits::kCatchUpMax) + 1) return std::nullopt;
    times.push_back(*time);
  }
  engine::DueMark mark{times.front(), {times.begin() + 1, times.end()}};
  const bool is_in_order =
      std::is_sorted(mark.owed.begin(), mark.owed.end()) && (mark.owed.empty() || mark.owed.back() <= mark.answered);
  return is_in_order ? std::optional(std::move(mark)) : std::nullopt;
}

class FileStore : public DueStore {
 public:
  explicit FileStore(std::string path) : path_(std::move(path)) {}

  DueMarks load() override {
    const auto text = sys::read_file(path_, limits::kDueRecordSize);
    if (!text && text.error().code == ENOENT) return {};
    auto marks = text ? read_due_marks(*text) : Result<DueMarks>(tl::unexpected(text.error()));
    if (marks) return *std::move(marks);
    set_aside(marks.error().message);
    return {};
  }

  Result<void> save(const DueMarks& marks) override { return sys::write_file(path_, write_due_marks(marks)); }

 private:
  void set_aside(const std::string& why) {
    const std::string aside = fmt::format("{}.{}.broken", path_, format_utc(sys::read_clocks().wall));
    if (std::rename(path_.c_str(), aside.c_str()) == 0) {
      spdlog::warn("the record of due times begins anew, the old one is now '{}': {}", aside, why);
    } else {
      spdlog::warn("the record of due times begins anew: {}", why);
    }
  }

  std::string path_;
};

}  // namespace

std::string write_due_marks(const DueMarks& marks) {
  std::string text = fmt::format("{} {}\n", kHead, marks.size());
  for (const auto& [task, mark] : marks) {
    text += task;
    fmt::format_to(std::back_inserter(text), " {}", mark.answered.time_since_epoch().count());
    for (const WallTime due : mark.owed) {
      fmt::format_to(std::back_inserter(text), " {}", due.time_since_epoch().count());
    }
    text += '\n';
  }
  return text;
}

Result<DueMarks> read_due_marks(std::string_view text) {
  const auto head = take_until(text, '\n');
  if (!head || !head->starts_with(kHead) || head->size() <= kHead.size() || (*head)[kHead.size()] != ' ') {
    return fail(fmt::format("line 1 is not '{} COUNT'", kHead));
  }
  const auto count = read_number<std::int64_t>(head->substr(kHead.size() + 1));
  if (!count) return fail("line 1 has no count");
  DueMarks marks;
  for (std::int64_t line = 2; line - 2 < *count; ++line) {
    auto words = take_until(text, '\n');
    if (!words) return fail(fmt::format("line {} is missing", line));
    const auto task = take_until(*words, ' ');
    auto mark = task && !task->empty() ? read_mark(*words) : std::nullopt;
    if (!mark) return fail(fmt::format("line {} is not a task and its times", line));
    if (!marks.emplace(*task, *std::move(mark)).second) return fail(fmt::format("line {} is about a task again", line));
  }
  if (!text.empty()) return fail("there are more lines than line 1 counts");
  return marks;
}

std::unique_ptr<DueStore> make_file_store(const std::string& state_directory) {
  return std::make_unique<FileStore>(state_directory + "/due-times");
}

}  // namespace taskrun::daemon

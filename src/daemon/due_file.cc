#include "daemon/due_file.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include <fmt/format.h>

#include "base/limits.h"
#include "daemon/state_file.h"

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

std::optional<WallTime> read_time(std::string_view text) {
  Nanos::rep nanos = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), nanos);
  if (error != std::errc{} || end != text.data() + text.size() || nanos < 0) return std::nullopt;
  return WallTime(Nanos(nanos));
}

// "1770091200000000000 1770080400000000000"
std::optional<DueMark> read_mark(std::string_view text) {
  std::string_view rest = text;
  std::vector<WallTime> times;
  for (bool is_last = false; !is_last;) {
    const auto word = take_until(rest, ' ');
    is_last = !word;
    const auto time = read_time(word.value_or(rest));
    if (!time || times.size() > static_cast<std::size_t>(limits::kCatchUpMax) + 1) return std::nullopt;
    times.push_back(*time);
  }
  DueMark mark{times.front(), {times.begin() + 1, times.end()}};
  const bool is_in_order =
      std::is_sorted(mark.owed.begin(), mark.owed.end()) && (mark.owed.empty() || mark.owed.back() <= mark.answered);
  return is_in_order ? std::optional(std::move(mark)) : std::nullopt;
}

class FileStore : public DueStore {
 public:
  explicit FileStore(std::string path) : file_(std::move(path), "the record of due times", limits::kDueRecordSize) {}

  // What could not be set aside is replaced: marks that nobody can read answer nothing.
  DueMarks load() override {
    DueMarks marks;
    static_cast<void>(file_.load([&marks](std::string_view text) -> Result<void> {
      auto read = read_due_marks(text);
      if (!read) return tl::unexpected(read.error());
      marks = *std::move(read);
      return {};
    }));
    return marks;
  }

  Result<void> save(const DueMarks& marks) override { return file_.save(write_due_marks(marks)); }

 private:
  StateFile file_;
};

}  // namespace

std::string write_due_marks(const DueMarks& marks) {
  std::string text = counted_head(kHead, marks.size());
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
  const auto lines = read_counted_lines(kHead, text);
  if (!lines) return tl::unexpected(lines.error());
  DueMarks marks;
  std::size_t number = 1;
  for (std::string_view words : *lines) {
    ++number;
    const auto task = take_until(words, ' ');
    auto mark = task && !task->empty() ? read_mark(words) : std::nullopt;
    if (!mark) return fail(fmt::format("line {} is not a task and its times", number));
    if (!marks.emplace(*task, *std::move(mark)).second)
      return fail(fmt::format("line {} is about a task again", number));
  }
  return marks;
}

std::unique_ptr<DueStore> make_file_store(const std::string& state_directory) {
  return std::make_unique<FileStore>(state_directory + "/due-times");
}

}  // namespace taskrun::daemon

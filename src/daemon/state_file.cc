#include "daemon/state_file.h"

#include <cerrno>
#include <charconv>
#include <cstdio>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/time.h"
#include "sys/clock.h"
#include "sys/file.h"

namespace taskrun::daemon {
namespace {

// The code of an error: what was read is no mistake.
constexpr int kNewerFormat = ENOTSUP;

// The text before the first newline, taken off `rest` together with it; nothing where there is none.
std::optional<std::string_view> take_line(std::string_view& rest) {
  const std::size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

std::optional<std::int64_t> read_count(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 0) return std::nullopt;
  return count;
}

// "taskrun-tasks 1", and a first line of the same kind with a higher number.
bool is_newer(std::string_view head, std::string_view first) {
  const std::size_t kind = head.rfind(' ') + 1;
  if (!first.starts_with(head.substr(0, kind))) return false;
  const std::string_view rest = first.substr(kind);
  const auto theirs = read_count(rest.substr(0, rest.find(' ')));
  return theirs && *theirs > read_count(head.substr(kind)).value_or(0);
}

}  // namespace

bool StateFile::load(const std::function<Result<void>(std::string_view text)>& take) const {
  const auto text = sys::read_file(path_, limit_);
  if (!text && text.error().code == ENOENT) return true;
  const Result<void> taken = text ? take(*text) : tl::unexpected(text.error());
  if (taken) return true;
  if (taken.error().code != kNewerFormat) return set_aside(taken.error().message);
  spdlog::warn("{} is left alone in '{}': {}", what_, path_, taken.error().message);
  return false;
}

Result<void> StateFile::save(std::string_view text) const { return sys::write_file(path_, text); }

bool StateFile::set_aside(const std::string& why) const {
  const std::string aside = fmt::format("{}.{}.broken", path_, format_utc(sys::read_clocks().wall));
  const bool is_aside = std::rename(path_.c_str(), aside.c_str()) == 0;
  if (is_aside) {
    spdlog::warn("{} begins anew, the old one is now '{}': {}", what_, aside, why);
  } else {
    spdlog::warn("{} begins anew: {}", what_, why);
  }
  return is_aside;
}

std::string counted_head(std::string_view head, std::size_t lines) { return fmt::format("{} {}\n", head, lines); }

Result<std::vector<std::string_view>> read_counted_lines(std::string_view head, std::string_view text) {
  const auto first = take_line(text);
  if (!first || !first->starts_with(head) || first->size() <= head.size() || (*first)[head.size()] != ' ') {
    if (first && is_newer(head, *first)) return fail("a newer taskrun has written it", kNewerFormat);
    return fail(fmt::format("line 1 is not '{} COUNT'", head));
  }
  const auto count = read_count(first->substr(head.size() + 1));
  if (!count) return fail("line 1 has no count");
  std::vector<std::string_view> lines;
  for (std::int64_t line = 2; line - 2 < *count; ++line) {
    const auto next = take_line(text);
    if (!next) return fail(fmt::format("line {} is missing", line));
    lines.push_back(*next);
  }
  if (!text.empty()) return fail("there are more lines than line 1 counts");
  return lines;
}

}  // namespace taskrun::daemon

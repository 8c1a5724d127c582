// `taskrun next --batch`: one JSON object per line in, one out. It is meant for programs that ask thousands of times,
// so a question must cost microseconds, and a broken one must not end the conversation.

#include "cli/next_batch.h"

#include <cerrno>
#include <optional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/due_times.h"
#include "cli/exit_codes.h"
#include "cli/moment.h"
#include "report/json_text.h"
#include "schedule/duration.h"
#include "sys/clock.h"

namespace taskrun::cli {
namespace {

using Json = nlohmann::json;
constexpr int kUsualCount = 5;

// One question on its way to its answer: the members of the answer, or what is wrong.
class Question {
 public:
  Question(const Json& question, WallTime now) : question_(question), now_(now) {}

  std::string answer() {
    const std::optional<std::string> op = text("op", "next");
    if (op == "next") {
      answer_next();
    } else if (op == "duration") {
      answer_duration();
    } else if (op) {
      wrong(fmt::format("unknown op \"{}\": there are next and duration", printable(*op, 40)));
    }
    std::string out = R"({"id":)" + id();
    out += error_.empty() ? answer_ : R"(,"error":)";
    if (!error_.empty()) report::append_json_string(out, error_);
    return out + '}';
  }

 private:
  void answer_next() {
    const std::optional<std::string> expression = text("expr");
    const std::optional<Zone> zone = zone_asked();
    const std::optional<std::chrono::sys_seconds> from = from_asked();
    const int count = count_asked();
    if (!error_.empty()) return;
    const auto cron = parse_cron(*expression, *zone);
    if (!cron) return wrong(cron.error());
    const auto* const calendar = std::get_if<CronExpression>(&cron->schedule);
    answer_ = R"(,"next":[)";
    for (const Instant& time : coming(*cron, *from, static_cast<std::size_t>(count))) {
      if (answer_.back() != '[') answer_ += ',';
      answer_ += '"' + exact_text(time, calendar != nullptr ? calendar->zone() : *zone) + '"';
    }
    answer_ += ']';
  }

  void answer_duration() {
    const std::optional<std::string> written = text("duration");
    if (!written) return;
    const auto duration = parse_duration(*written, DurationUnits::go);
    if (!duration) return wrong(duration.error());
    answer_ = fmt::format(R"(,"ns":{})", duration->count());
  }

  [[nodiscard]] const Json* find(const char* key) const {
    const auto found = question_.find(key);
    return found != question_.end() ? &*found : nullptr;
  }

  std::optional<std::string> text(const char* key, const char* usual = nullptr) {
    const Json* const value = find(key);
    if (value != nullptr && value->is_string()) return value->get<std::string>();
    if (value == nullptr && usual != nullptr) return usual;
    wrong(fmt::format("\"{}\" {}", key, value != nullptr ? "must be a string" : "is missing"));
    return std::nullopt;
  }

  std::optional<Zone> zone_asked() {
    if (find("tz") == nullptr) return viewer_zone();
    const std::optional<std::string> name = text("tz");
    if (!name) return std::nullopt;
    const auto zone = find_zone(*name);
    if (zone) return *zone;
    wrong(zone.error());
    return std::nullopt;
  }

  std::optional<std::chrono::sys_seconds> from_asked() {
    if (find("from") == nullptr) return std::chrono::floor<std::chrono::seconds>(now_);
    const std::optional<std::string> written = text("from");
    if (!written) return std::nullopt;
    const auto time = parse_rfc3339_seconds(*written);
    if (time) return *time;
    wrong(time.error());
    return std::nullopt;
  }

  int count_asked() {
    const Json* const value = find("count");
    if (value == nullptr) return kUsualCount;
    const bool is_small = value->is_number_unsigned() && value->get<std::uint64_t>() <= limits::kDueTimesShown;
    if (is_small && value->get<int>() >= 1) return value->get<int>();
    wrong(fmt::format("\"count\" must be an integer from 1 to {}", limits::kDueTimesShown));
    return 0;
  }

  // As it was asked. An array or an object is no id: it could be deeper than anybody wants to write back.
  [[nodiscard]] std::string id() const {
    const Json* const id = find("id");
    return id != nullptr && id->is_primitive() ? id->dump() : "null";
  }

  // The first mistake is told.
  void wrong(std::string message) {
    if (error_.empty()) error_ = std::move(message);
  }
  void wrong(const SyntaxError& error) {
    wrong(error.hint.empty() ? error.message : fmt::format("{} ({})", error.message, error.hint));
  }

  const Json& question_;
  WallTime now_;
  std::string answer_;
  std::string error_;
};

std::string refusal(std::string_view message) {
  std::string out = R"({"id":null,"error":)";
  report::append_json_string(out, message);
  return out + '}';
}

bool is_blank(std::string_view line) { return line.find_first_not_of(" \t\r") == std::string_view::npos; }

// Takes stdin apart into lines; of one that is too long only that it was.
class Conversation {
 public:
  // The answers to every line that `chunk` ends.
  std::string answers(std::string_view chunk) {
    std::string out;
    for (std::size_t end; (end = chunk.find('\n')) != std::string_view::npos; chunk.remove_prefix(end + 1)) {
      keep(chunk.substr(0, end));
      answer(out);
    }
    keep(chunk);
    return out;
  }
  // To what stands behind the last newline.
  std::string last_answer() {
    std::string out;
    answer(out);
    return out;
  }

 private:
  void keep(std::string_view part) {
    is_too_long_ = is_too_long_ || line_.size() + part.size() > limits::kBatchLine.count;
    if (!is_too_long_) line_ += part;
  }
  void answer(std::string& out) {
    if (is_too_long_) {
      out += refusal(fmt::format("the line is longer than {}", format_bytes(limits::kBatchLine))) + '\n';
    } else if (!is_blank(line_)) {
      out += answer_line(line_, sys::read_clocks().wall) + '\n';
    }
    line_.clear();
    is_too_long_ = false;
  }

  std::string line_;
  bool is_too_long_ = false;
};

}  // namespace

std::string answer_line(std::string_view line, WallTime now) {
  const Json question = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (question.is_discarded()) return refusal("the line is not JSON");
  if (!question.is_object()) return refusal("the line is not a JSON object");
  return Question(question, now).answer();
}

int answer_batch() {
  Conversation conversation;
  std::string chunk(limits::kBatchLine.count, '\0');
  for (;;) {
    const ssize_t got = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      return give_up(fmt::format("taskrun next: {}\n", fail_errno("cannot read stdin", errno).value().message),
                     kNoInput);
    }
    const std::string answers =
        got == 0 ? conversation.last_answer() : conversation.answers({chunk.data(), static_cast<std::size_t>(got)});
    if (const int written = answers.empty() ? kDone : cli::answer(answers); written != kDone) return written;
    if (got == 0) return kDone;
  }
}

}  // namespace taskrun::cli

// The text is checked by the SAX reader, which builds nothing, and then copied without its white space: numbers beyond
// 64 bit, 1.0 and the order of the keys come out as the task wrote them.

#include "report/result_object.h"

#include <set>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/limits.h"

namespace taskrun::report {
namespace {

class Checker {
 public:
  [[nodiscard]] const std::string& problem() const { return problem_; }

  // The interface of nlohmann::json_sax; false ends the reading.
  bool null() { return is_inside(); }
  bool boolean(bool) { return is_inside(); }
  bool number_integer(std::int64_t) { return is_inside(); }
  bool number_unsigned(std::uint64_t) { return is_inside(); }
  bool number_float(double, const std::string&) { return is_inside(); }
  bool string(std::string&) { return is_inside(); }
  bool binary(std::vector<std::uint8_t>&) { return is_inside(); }
  bool start_object(std::size_t) { return open(); }
  bool start_array(std::size_t) { return is_inside() && open(); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    return keys_.back().insert(name).second || refuse("not usable: a key stands twice in one object");
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    return refuse(fmt::format("not valid JSON at byte {}", position));
  }

 private:
  bool refuse(std::string problem) {
    problem_ = std::move(problem);
    return false;
  }
  bool is_inside() { return !keys_.empty() || refuse("not a JSON object"); }
  bool open() {
    keys_.emplace_back();
    return keys_.size() <= limits::kJsonDepth ||
           refuse(fmt::format("nested deeper than {} levels", limits::kJsonDepth));
  }
  bool close() {
    keys_.pop_back();
    return true;
  }

  std::vector<std::set<std::string>> keys_;  // of the objects and arrays that are open
  std::string problem_;
};

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// `json` is valid.
std::string without_blanks(std::string_view json) {
  std::string out;
  out.reserve(json.size());
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    if (!in_string && is_blank(json[i])) continue;
    out += json[i];
    if (in_string && json[i] == '\\') {
      out += json[++i];
    } else if (json[i] == '"') {
      in_string = !in_string;
    }
  }
  return out;
}

}  // namespace

Result<std::string> compact_json_object(std::string_view text) {
  if (text.size() > limits::kResultSize.count) {
    return fail(fmt::format("the result has more than {}", format_bytes(limits::kResultSize)));
  }
  // The reader takes NUL for the end, and passes over a byte order mark.
  const std::size_t begin = text.find_first_not_of(" \t\n\r");
  if (begin == std::string_view::npos) return fail("the result is empty");
  if (text[begin] != '{') return fail("the result is not a JSON object");
  if (const std::size_t nul = text.find('\0'); nul != std::string_view::npos) {
    return fail(fmt::format("the result is not valid JSON at byte {}", nul + 1));
  }
  Checker checker;
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &checker)) {
    return fail("the result is " + checker.problem());
  }
  return without_blanks(text);
}

}  // namespace taskrun::report

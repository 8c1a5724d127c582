// The only file that knows the JSON library. It parses by SAX, which gives values but no places; a place is found by
// scanning on from the end of the token before: between two tokens there are only blanks, one comma, one colon.

#include "manifest/json.h"

#include <algorithm>
#include <cctype>
#include <functional>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "base/text.h"
#include "manifest/syntax.h"

namespace taskrun::manifest {
namespace {

using Last = GoodPart::Last;

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

bool is_separator(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':'; }

std::size_t skip_digits(std::string_view text, std::size_t at) {
  while (at < text.size() && text[at] >= '0' && text[at] <= '9') ++at;
  return at;
}

// One past the number that begins at `at`, by JSON's grammar: of "01" the 0 only, as the parser sees it.
std::size_t end_of_number(std::string_view text, std::size_t at) {
  if (text[at] == '-') ++at;
  at = text[at] == '0' ? at + 1 : skip_digits(text, at);
  if (at < text.size() && text[at] == '.') at = skip_digits(text, at + 1);
  if (at == text.size() || (text[at] != 'e' && text[at] != 'E')) return at;
  ++at;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  return skip_digits(text, at);
}

// Whether what should have been a number or a literal is none: "01", "12abc", "truely" go on.
bool goes_on(std::string_view text, std::size_t end) {
  if (end == text.size()) return false;
  return std::isalnum(static_cast<unsigned char>(text[end])) != 0 || text[end] == '.' || text[end] == '_' ||
         text[end] == '$';
}

// Steps along the text beside the parser.
class Tracker {
 public:
  explicit Tracker(std::string_view text) : text_(text), end_(text.starts_with(kByteOrderMark) ? 3 : 0) {}

  // Where the next token begins.
  [[nodiscard]] std::size_t next() const {
    std::size_t at = end_;
    while (at < text_.size() && is_separator(text_[at])) ++at;
    return at;
  }
  void pass(std::size_t end, Last last) {
    end_ = end;
    last_ = last;
  }
  void open(std::size_t at) {
    open_.push_back(at);
    pass(at + 1, Last::opening);
  }
  // Returns the end of what closes.
  std::size_t close() {
    open_.pop_back();
    pass(next() + 1, Last::value);
    return end_;
  }
  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  [[nodiscard]] GoodPart good_part() const { return {end_, last_, open_}; }
  [[nodiscard]] std::string_view text() const { return text_; }

 private:
  std::string_view text_;
  std::size_t end_;
  Last last_ = Last::nothing;
  std::vector<std::size_t> open_;
};

void tell_duplicate(Mistakes& mistakes, std::string_view key, std::size_t at, std::size_t first) {
  mistakes.duplicate(at, first, fmt::format("\"{}\" is given twice", printable(key, 70)), "keep one of them");
}

// The keys of an object too large to compare by pairs, or not in memory: their hashes and places; the text holds the
// keys themselves.
class SeenKeys {
 public:
  SeenKeys(std::string_view text, Mistakes& mistakes) : text_(text), mistakes_(mistakes) {}
  void see(std::string_view key, std::size_t begin) {
    seen_.push_back({std::hash<std::string_view>()(key), begin});
    if (seen_.size() < next_look_) return;
    find_duplicates();
    next_look_ = 2 * std::max(seen_.size(), kFirstLook);
  }
  // Reports what is there twice, and goes on with the first of each.
  void find_duplicates();

 private:
  struct Seen {
    std::size_t hash;
    std::size_t begin;
    friend auto operator<=>(const Seen&, const Seen&) = default;
  };
  [[nodiscard]] std::string key_at(std::size_t begin) const {
    const std::string_view written = text_.substr(begin, end_of_string(text_, begin) - begin);
    return nlohmann::json::parse(written).get<std::string>();
  }

  // Looking now and then keeps a file of nothing but duplicates from being read whole.
  static constexpr std::size_t kFirstLook = 1'024;

  std::string_view text_;
  Mistakes& mistakes_;
  std::vector<Seen> seen_;
  std::size_t next_look_ = kFirstLook;
};

void SeenKeys::find_duplicates() {
  std::sort(seen_.begin(), seen_.end());
  std::size_t kept = 0;  // those before are the first of each
  for (std::size_t i = 0, run = 0; i < seen_.size(); ++i) {
    const Seen seen = seen_[i];
    if (run == kept || seen_[run].hash != seen.hash) run = kept;
    const std::string key = run < kept ? key_at(seen.begin) : "";
    std::size_t first = run;
    while (first < kept && key_at(seen_[first].begin) != key) ++first;
    if (first == kept) {
      seen_[kept++] = seen;
    } else if (!mistakes_.is_enough()) {
      tell_duplicate(mistakes_, key, seen.begin, seen_[first].begin);
    }
  }
  seen_.resize(kept);
}

void find_duplicates(const Node& object, std::string_view text, Mistakes& mistakes) {
  constexpr std::size_t kFew = 16;  // compared by pairs, which is quicker
  const std::vector<Member>& members = object.members;
  if (members.size() > kFew) {
    SeenKeys seen(text, mistakes);
    for (const Member& member : members) seen.see(member.key, member.begin);
    seen.find_duplicates();
    return;
  }
  for (std::size_t i = 1; i < members.size(); ++i) {
    const auto end = members.begin() + static_cast<std::ptrdiff_t>(i);
    const auto first = std::find_if(members.begin(), end, [&](const Member& m) { return m.key == members[i].key; });
    if (first != end) tell_duplicate(mistakes, members[i].key, members[i].begin, first->begin);
  }
}

// nlohmann's SAX interface: its names, its signatures; false stops the parser.
class Builder {
 public:
  using number_integer_t = nlohmann::json::number_integer_t;
  using number_unsigned_t = nlohmann::json::number_unsigned_t;
  using number_float_t = nlohmann::json::number_float_t;
  using string_t = nlohmann::json::string_t;
  using binary_t = nlohmann::json::binary_t;

  Builder(std::string_view text, Receiver& receiver, Mistakes& mistakes)
      : tracker_(text),
        receiver_(receiver),
        mistakes_(mistakes),
        top_keys_(text, mistakes),
        task_names_(text, mistakes) {}

  bool null() { return word(Kind::null, tracker_.next() + 4); }
  bool boolean(bool value) { return word(value ? Kind::yes : Kind::no, tracker_.next() + (value ? 4 : 5)); }
  bool number_integer(number_integer_t) { return number(Kind::integer); }
  bool number_unsigned(number_unsigned_t) { return number(Kind::integer); }
  bool number_float(number_float_t, const string_t& written) {
    return number(written.find_first_of(".eE") == std::string::npos ? Kind::integer : Kind::real);
  }
  bool string(string_t& value) {
    const std::size_t begin = tracker_.next();
    refuse_nul(value, begin);
    return scalar(Kind::string, end_of_string(tracker_.text(), begin), std::move(value));
  }
  bool binary(binary_t&) { return false; }
  bool start_object(std::size_t) { return start(Kind::object); }
  bool end_object() { return end(); }
  bool start_array(std::size_t) { return start(Kind::array); }
  bool end_array() { return end(); }
  bool key(string_t& value);
  bool parse_error(std::size_t, const std::string&, const nlohmann::json::exception&) {
    SyntaxFinding finding = explain(tracker_.text(), tracker_.good_part());
    mistakes_.error(finding.at, std::move(finding.message), std::move(finding.hint));
    return false;
  }

  // Of the objects that were not in memory.
  void compare_keys() {
    top_keys_.find_duplicates();
    task_names_.find_duplicates();
  }

 private:
  bool scalar(Kind kind, std::size_t end, std::string text);
  bool number(Kind kind) { return word(kind, end_of_number(tracker_.text(), tracker_.next())); }
  // The parser takes "01" for a whole 0, and is about to stumble over the 1.
  bool word(Kind kind, std::size_t end) {
    const std::size_t begin = tracker_.next();
    if (goes_on(tracker_.text(), end)) return true;
    const bool is_number = kind == Kind::integer || kind == Kind::real;
    return scalar(kind, end, is_number ? std::string(tracker_.text().substr(begin, end - begin)) : "");
  }
  bool start(Kind kind);
  bool end();
  bool refuse_root(std::size_t at);
  bool is_too_large(std::size_t at);
  void refuse_nul(std::string_view decoded, std::size_t begin);
  Node& add_node(Kind kind, std::size_t begin);
  // False where reading on makes no sense.
  bool deliver() {
    is_within_tasks_ ? receiver_.take_task(current_) : receiver_.take_member(current_);
    return !mistakes_.is_enough();
  }

  Tracker tracker_;
  Receiver& receiver_;
  Mistakes& mistakes_;
  SeenKeys top_keys_;
  SeenKeys task_names_;
  Member tasks_;  // the member `tasks` while its tasks go by
  bool is_within_tasks_ = false;
  std::size_t values_ = 0;       // in current_ so far
  Member current_;               // of the top level, or a task
  std::vector<Node*> building_;  // the open containers of current_, outermost first
};

bool Builder::scalar(Kind kind, std::size_t end, std::string text) {
  const std::size_t begin = tracker_.next();
  if (tracker_.depth() == 0) return refuse_root(begin);
  if (is_too_large(begin)) return false;
  tracker_.pass(end, Last::value);
  Node& node = add_node(kind, begin);
  node.end = end;
  node.text = std::move(text);
  return building_.empty() ? deliver() : true;
}

bool Builder::start(Kind kind) {
  const std::size_t begin = tracker_.next();
  const std::size_t depth = tracker_.depth();
  if (depth == 0 && kind != Kind::object) return refuse_root(begin);
  if (depth == limits::kJsonDepth) {
    mistakes_.error(begin, fmt::format("this is nested deeper than {} levels", limits::kJsonDepth));
    return false;
  }
  tracker_.open(begin);
  if (depth == 0) return true;
  if (depth == 1 && kind == Kind::object && current_.key == "tasks") {
    is_within_tasks_ = true;
    tasks_ = std::move(current_);
    tasks_.value.kind = Kind::object;
    tasks_.value.begin = begin;
    return true;
  }
  if (is_too_large(begin)) return false;
  building_.push_back(&add_node(kind, begin));
  return true;
}

bool Builder::end() {
  const std::size_t end = tracker_.close();
  if (!building_.empty()) {
    Node& node = *building_.back();
    building_.pop_back();
    node.end = end;
    find_duplicates(node, tracker_.text(), mistakes_);
    if (building_.empty()) return deliver();
  } else if (is_within_tasks_) {
    is_within_tasks_ = false;
    tasks_.value.end = end;
    receiver_.take_member(tasks_);
  }
  return true;
}

bool Builder::key(string_t& value) {
  const std::size_t begin = tracker_.next();
  refuse_nul(value, begin);
  tracker_.pass(end_of_string(tracker_.text(), begin), Last::key);
  if (!building_.empty()) {
    building_.back()->members.push_back({std::move(value), begin, {}});
    return true;
  }
  current_ = {std::move(value), begin, {}};
  values_ = 0;
  (is_within_tasks_ ? task_names_ : top_keys_).see(current_.key, begin);
  return true;
}

bool Builder::is_too_large(std::size_t at) {
  if (++values_ <= limits::kJsonValues) return false;
  mistakes_.error(at,
                  fmt::format("\"{}\" holds more than {} values", printable(current_.key, 70), limits::kJsonValues));
  return true;
}

bool Builder::refuse_root(std::size_t at) {
  mistakes_.error(at, "a manifest is one JSON object", "begin with {");
  return false;
}

void Builder::refuse_nul(std::string_view decoded, std::size_t begin) {
  if (decoded.find('\0') == std::string_view::npos) return;
  const std::size_t escape = tracker_.text().find("\\u0000", begin);
  mistakes_.error(escape, "a string cannot hold a NUL character");
}

Node& Builder::add_node(Kind kind, std::size_t begin) {
  Node* node = &current_.value;
  if (!building_.empty()) {
    Node& parent = *building_.back();
    node = parent.kind == Kind::array ? &parent.items.emplace_back() : &parent.members.back().value;
  }
  node->kind = kind;
  node->begin = begin;
  return *node;
}

}  // namespace

bool read_json(std::string_view text, Receiver& receiver, Mistakes& mistakes) {
  Builder builder(text, receiver, mistakes);
  const bool is_whole = nlohmann::json::sax_parse(text.data(), text.data() + text.size(), &builder);
  builder.compare_keys();
  return is_whole;
}

std::string quote_json(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string indent_json(std::string_view json) {
  return nlohmann::ordered_json::parse(json, nullptr, /*allow_exceptions=*/false).dump(2) + '\n';
}

}  // namespace taskrun::manifest

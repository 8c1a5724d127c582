#include "manifest/interpolation.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"

namespace taskrun::manifest {
namespace {

// Neither repeats what follows the dollar: it may be a password.
constexpr const char* kLoneDollar = "a single $ stands for nothing";
constexpr const char* kLoneDollarHint = "write ${NAME} for a variable, $$ for a dollar";

bool begins_name(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool continues_name(char c) { return begins_name(c) || (c >= '0' && c <= '9'); }

std::string_view name_at(std::string_view text) {
  if (text.empty() || !begins_name(text[0])) return {};
  const auto end = std::find_if_not(text.begin(), text.end(), continues_name);
  return text.substr(0, static_cast<std::size_t>(end - text.begin()));
}

// Bytes of UTF-8 that the escape at the front of `source` stands for, and its own length.
struct EscapeSize {
  std::size_t decoded;
  std::size_t written;
};
EscapeSize escape_size(std::string_view source) {
  if (source[1] != 'u') return {1, 2};
  unsigned code = 0;
  std::from_chars(source.data() + 2, source.data() + 6, code, 16);
  if (code >= 0xd800 && code < 0xdc00) return {4, 12};
  return {code < 0x80 ? 1U : code < 0x800 ? 2U : 3U, 6};
}

class Expander {
 public:
  Expander(const Node& node, std::string_view text, const VariableLookup& variable, Mistakes& mistakes)
      : node_(node), text_(text), variable_(variable), mistakes_(mistakes) {}

  std::optional<Expansion> expand() {
    const std::string_view source = node_.text;
    for (std::size_t at = 0; at < source.size();) {
      const std::size_t dollar = std::min(source.find('$', at), source.size());
      out_.text += source.substr(at, dollar - at);
      at = dollar == source.size() ? dollar : dollar + read_dollar(source.substr(dollar), dollar);
    }
    if (is_wrong_) return std::nullopt;
    return std::move(out_);
  }

 private:
  void wrong(std::size_t index, std::string message, std::string hint) {
    is_wrong_ = true;
    mistakes_.error(place_in(node_, text_, index), std::move(message), std::move(hint));
  }

  // Reads what begins with the dollar at the front of `rest`; returns its length.
  std::size_t read_dollar(std::string_view rest, std::size_t index) {
    if (rest.starts_with("$$")) {
      out_.text += '$';
      return 2;
    }
    if (!rest.starts_with("${")) {
      wrong(index, kLoneDollar, kLoneDollarHint);
      return 1;
    }
    const std::size_t end = rest.find('}');
    if (end == std::string_view::npos) {
      wrong(index, "this ${ has no closing }", "write ${NAME}, or $$ for a dollar");
      return rest.size();
    }
    read_reference(rest.substr(2, end - 2), index);
    return end + 1;
  }

  // `reference` is what stands between the braces.
  void read_reference(std::string_view reference, std::size_t index) {
    const std::string_view name = name_at(reference);
    const std::string_view after = reference.substr(name.size());
    const bool has_default = after.starts_with(":-");
    const bool has_message = after.starts_with(":?");
    if (name.empty()) return wrong(index, "${ is not followed by a name", "a name is letters, digits and _: ${NAME}");
    if (!after.empty() && !has_default && !has_message) {
      return wrong(index, fmt::format("${{{} is followed by neither }} nor :- nor :?", name),
                   fmt::format("write ${{{0}}}, ${{{0}:-default}} or ${{{0}:?message}}", name));
    }
    const std::string_view argument = after.substr(std::min<std::size_t>(after.size(), 2));
    if (argument.find("${") != std::string_view::npos) {
      return wrong(index, "a ${…} cannot stand within another", "give the variable a plain default");
    }
    replace(name, has_default, has_message, argument, index);
  }

  void replace(std::string_view name, bool has_default, bool has_message, std::string_view argument,
               std::size_t index) {
    out_.is_interpolated = true;
    const auto value = variable_ ? variable_(std::string(name)) : std::nullopt;
    const bool is_set = value && !(value->empty() && (has_default || has_message));
    if (is_set) {
      out_.text += *value;
    } else if (has_default) {
      append_default(argument, index);
    } else if (has_message) {
      wrong(index, fmt::format("the variable {} is {}: {}", name, value ? "empty" : "not set", printable(argument)),
            "");
    } else {
      wrong(index, fmt::format("the variable {} is not set", name),
            fmt::format("set it, or write ${{{}:-default}}", name));
    }
  }

  void append_default(std::string_view text, std::size_t index) {
    for (std::size_t at = 0; at < text.size(); ++at) {
      const bool is_dollar = text.substr(at).starts_with("$$");
      if (text[at] == '$' && !is_dollar) return wrong(index, kLoneDollar, kLoneDollarHint);
      out_.text += text[at];
      if (is_dollar) ++at;
    }
  }

  const Node& node_;
  std::string_view text_;
  const VariableLookup& variable_;
  Mistakes& mistakes_;
  Expansion out_;
  bool is_wrong_ = false;
};

}  // namespace

std::size_t place_in(const Node& node, std::string_view text, std::size_t index) {
  std::size_t at = node.begin + 1;
  for (std::size_t decoded = 0; decoded < index;) {
    const EscapeSize size = text[at] == '\\' ? escape_size(text.substr(at)) : EscapeSize{1, 1};
    decoded += size.decoded;
    at += size.written;
  }
  return at;
}

std::optional<Expansion> expand(const Node& node, std::string_view text, const VariableLookup& variable,
                                Mistakes& mistakes) {
  if (node.text.find('$') == std::string::npos) return Expansion{node.text, false};
  return Expander(node, text, variable, mistakes).expand();
}

}  // namespace taskrun::manifest

#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "cli/flag_value.h"
#include "cli/options.h"

namespace taskrun::cli {

/// Reads a flag's text into the options; says what is wrong, "" where nothing is.
using ReadText = std::string (*)(Invocation&, std::string_view text);

/// One flag of a command. Views into static storage.
struct Flag {
  std::string_view name;     ///< "--manifest"
  std::string_view letter;   ///< "-m", or ""
  std::string_view value;    ///< "FILE", or the words there are: "all|results"; "" for a flag without a value
  std::string_view meaning;  ///< for --help
  ReadText read;
  std::string_view alias{};  ///< another spelling, or ""; not in --help
};

/// The arguments of a command that are no flags.
struct Positional {
  std::string_view name;  ///< "MANIFEST"; "" where the command has none
  std::string_view meaning;
  bool is_required = false;
  bool repeats = false;
  ReadText read = nullptr;
  bool is_after_mark = false;  ///< everything after "--", as it stands there, and nothing else
};

namespace detail {

template <class Member>
struct OwnerOf;
template <class Owner, class Value>
struct OwnerOf<Value Owner::*> {
  using Type = Owner;
};

}  // namespace detail

/// The reader of a flag that sets one member of a command's options: into<&InitOptions::force>.
template <auto member>
std::string into(Invocation& invocation, std::string_view text) {
  using Options = typename detail::OwnerOf<decltype(member)>::Type;
  return read_value(text, std::get<Options>(invocation).*member);
}

/// The same for a member of a part: into<&StartOptions::runner, &RunnerOptions::events>.
template <auto part, auto member>
std::string into(Invocation& invocation, std::string_view text) {
  using Options = typename detail::OwnerOf<decltype(part)>::Type;
  return read_value(text, std::get<Options>(invocation).*part.*member);
}

/// And of a part's part.
template <auto part, auto inner, auto member>
std::string into(Invocation& invocation, std::string_view text) {
  using Options = typename detail::OwnerOf<decltype(part)>::Type;
  return read_value(text, std::get<Options>(invocation).*part.*inner.*member);
}

}  // namespace taskrun::cli

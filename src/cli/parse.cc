// The only file that sees CLI11, which takes the command line apart; what there is to be found, and what it means,
// stands in the table of commands. Only the flags of the command that was named are built.

#include "cli/parse.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "base/text.h"
#include "cli/command.h"
#include "cli/help.h"
#include "cli/suggestion.h"

namespace taskrun::cli {
namespace {

constexpr int kMostArguments = 1'000'000;

UsageMistake mistake(const Command* command, std::string_view message) {
  const std::string name = command != nullptr ? fmt::format("taskrun {}", command->name) : "taskrun";
  return {fmt::format("{}: {}\nsee '{} --help'\n", name, message, name)};
}

// Reading one command line: the options so far, and the first thing that was wrong.
class Reading {
 public:
  explicit Reading(const Command& command) : command_(command), invocation_(command.defaults()) {
    app_.set_help_flag("-h,--help");
    app_.allow_extras();
    for (const Flag& flag : command.flags) add(flag);
    if (!command.positional.name.empty()) add(command.positional);
    if (!command.second.name.empty() && !command.second.is_after_mark) add(command.second);
  }

  Invocation read(std::vector<std::string> arguments) {
    if (const Flag* const flag = find_valued_switch(arguments)) {
      return mistake(&command_, fmt::format("{} takes no value", flag->name));
    }
    if (!take_after_mark(arguments)) {
      return mistake(&command_, fmt::format("{} is missing after --", command_.second.name));
    }
    std::reverse(arguments.begin(), arguments.end());  // CLI11 takes them from the back
    try {
      app_.parse(std::move(arguments));
    } catch (const CLI::ParseError& error) {
      if (app_.get_help_ptr()->count() > 0) return ShowText{help_of(command_, terminal_at(STDOUT_FILENO))};
      return mistake(&command_, problem_.empty() ? told(error) : problem_);
    }
    const std::string extra = told_extra(app_.remaining());
    return extra.empty() ? std::move(invocation_) : mistake(&command_, extra);
  }

 private:
  void add(const Flag& flag) {
    const std::string names = fmt::format("{}{}{}{}{}", flag.letter, flag.letter.empty() ? "" : ",", flag.name,
                                          flag.alias.empty() ? "" : ",", flag.alias);
    if (flag.value.empty()) {
      app_.add_flag(names, [this, &flag](std::int64_t) { take(flag.name, flag.read, ""); });
      return;
    }
    const auto taken = [this, &flag](const CLI::results_t& texts) {
      return std::ranges::all_of(texts, [&](const std::string& text) { return take(flag.name, flag.read, text); });
    };
    app_.add_option(names, taken)->expected(1)->take_all();
  }

  void add(const Positional& positional) {
    const auto taken = [this, &positional](const CLI::results_t& texts) {
      return std::ranges::all_of(texts, [&](const std::string& text) { return take("", positional.read, text); });
    };
    CLI::Option* const option = app_.add_option(std::string(positional.name), taken);
    option->required(positional.is_required)->expected(1, positional.repeats ? kMostArguments : 1);
    option->allow_extra_args(positional.repeats);
  }

  // Some commands end with another program's command line, which is not ours to read. False: with nothing after "--".
  bool take_after_mark(std::vector<std::string>& arguments) {
    if (!command_.second.is_after_mark) return true;
    const auto mark = std::ranges::find(arguments, "--");
    if (mark == arguments.end()) return true;
    const bool has_words = mark + 1 != arguments.end();
    for (auto word = mark + 1; word != arguments.end(); ++word) take("", command_.second.read, *word);
    arguments.erase(mark, arguments.end());
    return has_words;
  }

  bool take(std::string_view name, ReadText into, std::string_view text) {
    const std::string wrong = into(invocation_, text);
    if (!wrong.empty() && problem_.empty()) problem_ = fmt::format("{}{}{}", name, name.empty() ? "" : ": ", wrong);
    return wrong.empty();
  }

  // CLI11 would take "--json=no" for a number.
  [[nodiscard]] const Flag* find_valued_switch(const std::vector<std::string>& arguments) const {
    for (const std::string& argument : arguments) {
      if (argument == "--") return nullptr;
      const auto found = std::ranges::find_if(command_.flags, [&](const Flag& flag) {
        return flag.value.empty() && argument.starts_with(fmt::format("{}=", flag.name));
      });
      if (found != command_.flags.end()) return &*found;
    }
    return nullptr;
  }

  [[nodiscard]] std::string told(const CLI::ParseError& error) const {
    const std::string_view words = error.what();
    if (dynamic_cast<const CLI::RequiredError*>(&error) != nullptr) {
      return fmt::format("{} is missing", command_.positional.name);
    }
    for (const Flag& flag : command_.flags) {
      const bool is_it = words.starts_with(fmt::format("{}:", flag.name)) ||
                         (!flag.letter.empty() && words.starts_with(fmt::format("{}:", flag.letter)));
      if (is_it && !flag.value.empty()) return fmt::format("{} needs a value: {}", flag.name, flag.value);
    }
    return printable(words);
  }

  // What is left over; after "--" nothing is a flag.
  [[nodiscard]] std::string told_extra(const std::vector<std::string>& extras) const {
    bool has_mark = false;
    for (const std::string& extra : extras) {
      if (extra == "--" && !has_mark) {
        has_mark = true;
      } else if (has_mark || !extra.starts_with('-') || extra == "-") {
        return fmt::format("unexpected argument '{}'", printable(extra));
      } else {
        return told_unknown(extra.substr(0, extra.find('=')));
      }
    }
    return "";
  }

  [[nodiscard]] std::string told_unknown(std::string_view name) const {
    std::vector<std::string_view> names{"--help"};
    for (const Flag& flag : command_.flags) names.push_back(flag.name);
    return fmt::format("unknown flag '{}'{}", printable(name), did_you_mean(name, names));
  }

  const Command& command_;
  CLI::App app_;
  Invocation invocation_;
  std::string problem_;
};

UsageMistake unknown_command(std::string_view word) {
  const std::string shown = printable(word);
  if (word.starts_with('-')) {
    const std::vector<std::string_view> names{"--help", "--version"};
    return mistake(nullptr, fmt::format("unknown flag '{}'{}", shown, did_you_mean(word, names)));
  }
  if (word.find_first_of("./") != std::string_view::npos) {
    return mistake(nullptr, fmt::format("'{0}' is not a command: did you mean \"taskrun start {0}\"?", shown));
  }
  std::vector<std::string_view> names;
  for (const Command& command : commands()) {
    if (!command.is_hidden) names.push_back(command.name);
  }
  return mistake(nullptr, fmt::format("unknown command '{}'{}", shown, did_you_mean(word, names)));
}

// `taskrun help` and `taskrun help start`, as people type it who know other programs.
Invocation help(std::span<const char* const> topics) {
  const bool has_topic = !topics.empty() && !std::string_view(topics[0]).starts_with('-');
  if (!has_topic) return ShowText{overview(terminal_at(STDOUT_FILENO))};
  const Command* const command = find_command(topics[0]);
  if (command == nullptr) return unknown_command(topics[0]);
  return ShowText{help_of(*command, terminal_at(STDOUT_FILENO))};
}

}  // namespace

Invocation parse(std::span<const char* const> arguments) {
  if (arguments.empty()) return UsageMistake{short_help()};
  const std::string_view word = arguments[0];
  if (word == "--help" || word == "-h") return ShowText{overview(terminal_at(STDOUT_FILENO))};
  if (word == "help") return help(arguments.subspan(1));
  if (word == "--version") return ShowText{"taskrun " TASKRUN_VERSION "\n"};
  const Command* const command = find_command(word);
  if (command == nullptr) return unknown_command(word);
  return Reading(*command).read({arguments.begin() + 1, arguments.end()});
}

}  // namespace taskrun::cli

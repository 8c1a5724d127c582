#include "cli/completion.h"

#include <algorithm>

#include <fmt/format.h>

#include "cli/command.h"

namespace taskrun::cli {
namespace {

struct Placeholder {
  std::string_view word;
  Wanted wanted;
};

// Every word that stands for a value in the table of commands.
constexpr Placeholder kPlaceholders[] = {
    {"MANIFEST", Wanted::file},     {"FILE", Wanted::file},
    {"PATH", Wanted::file},         {"DIR", Wanted::directory},
    {"COMMAND", Wanted::program},   {"TASK", Wanted::task},
    {"RUN", Wanted::task},          {"ID", Wanted::nothing},
    {"TAG", Wanted::tag},           {"BUILTIN", Wanted::built_in},
    {"INSTANCE", Wanted::instance}, {"ZONE", Wanted::zone},
    {"SHELL", Wanted::word},        {"WORD", Wanted::nothing},
    {"NAME", Wanted::nothing},      {"DURATION", Wanted::nothing},
    {"N", Wanted::nothing},         {"SIZE", Wanted::nothing},
    {"EXPR", Wanted::nothing},      {"TEXT", Wanted::nothing},
    {"SIGNAL", Wanted::nothing},    {"NAME|FILE", Wanted::file},
    {"TIME", Wanted::nothing},      {"SEQ", Wanted::nothing},
    {"K=V", Wanted::nothing},       {"ADDRESS:PORT", Wanted::nothing},
    {"DURATIONS", Wanted::nothing},
};

bool is_choice(std::string_view placeholder) { return placeholder.find('|') != std::string_view::npos; }

// Names of several can be given in one word, separated by commas.
bool is_list(Wanted wanted) { return wanted == Wanted::task || wanted == Wanted::tag; }

std::vector<Candidate> choices(std::string_view placeholder) {
  std::vector<Candidate> all;
  while (is_choice(placeholder)) {
    const std::size_t bar = placeholder.find('|');
    all.push_back({std::string(placeholder.substr(0, bar))});
    placeholder.remove_prefix(bar + 1);
  }
  all.push_back({std::string(placeholder)});
  return all;
}

std::vector<Candidate> command_names() {
  std::vector<Candidate> all;
  for (const Command& command : commands()) {
    if (!command.is_hidden) all.push_back({std::string(command.name), std::string(command.summary)});
  }
  return all;
}

const std::vector<Candidate> kFlagsOfAll{{"--help", "show the help"}};

bool reads_manifest(const Command& command) {
  const bool has_flag = std::ranges::any_of(command.flags, [](const Flag& flag) { return flag.name == "--manifest"; });
  return has_flag || command.positional.name == "MANIFEST";
}

// Follows the words of one command up to the cursor.
class Reader {
 public:
  explicit Reader(const Command& command) : command_(command) {
    completion_.places.are_of_runner = !reads_manifest(command);
  }

  void pass(const std::string& word) {
    if (const Flag* const flag = std::exchange(pending_, nullptr); flag != nullptr) return take(*flag, word);
    if (is_after_mark_ || !word.starts_with('-') || word == "-") return take_argument(word);
    if (word == "--") {
      is_after_mark_ = true;
      return;
    }
    const std::size_t equals = word.find('=');
    const Flag* const flag = find_flag(word.substr(0, equals));
    if (flag == nullptr || flag->value.empty()) return;
    if (equals != std::string::npos) return take(*flag, word.substr(equals + 1));
    pending_ = flag;
  }

  Completion finish(const std::string& word) {
    const std::size_t equals = word.find('=');
    if (pending_ != nullptr) {
      want(pending_->value, word);
    } else if (is_after_mark_ || !word.starts_with('-')) {
      want(argument_at(arguments_.size()), word);
      if (!is_after_mark_ && word.empty() && completion_.wanted == Wanted::nothing) want_flags(word);
    } else if (equals == std::string::npos) {
      want_flags(word);
    } else if (const Flag* const flag = find_flag(word.substr(0, equals)); flag != nullptr && !flag->value.empty()) {
      completion_.prefix = word.substr(0, equals + 1);
      want(flag->value, word.substr(equals + 1));
    }
    return std::move(completion_);
  }

 private:
  [[nodiscard]] const Flag* find_flag(std::string_view name) const {
    const auto found = std::ranges::find_if(command_.flags, [&](const Flag& flag) {
      return name == flag.name || (!name.empty() && (name == flag.letter || name == flag.alias));
    });
    return found != command_.flags.end() ? &*found : nullptr;
  }

  [[nodiscard]] std::string_view argument_at(std::size_t index) const {
    if (index == 0 || command_.positional.repeats) return command_.positional.name;
    return index == 1 || command_.second.repeats ? command_.second.name : "";
  }

  void take(const Flag& flag, const std::string& value) {
    if (flag.name == "--manifest") completion_.places.manifest = value;
    if (flag.name == "--socket") completion_.places.socket = value;
    if (flag.name == "--instance") completion_.places.instance = value;
  }

  void take_argument(const std::string& word) {
    if (argument_at(arguments_.size()) == "MANIFEST") completion_.places.manifest = word;
    arguments_.push_back(word);
  }

  void want(std::string_view placeholder, const std::string& word) {
    completion_.wanted = wanted_for(placeholder).value_or(Wanted::nothing);
    completion_.begun = word;
    if (completion_.wanted == Wanted::word) completion_.words = choices(placeholder);
    if (!is_list(completion_.wanted)) return;
    completion_.given = arguments_;
    while (completion_.begun.find(',') != std::string::npos) {
      const std::string name = completion_.begun.substr(0, completion_.begun.find(',') + 1);
      completion_.prefix += name;
      completion_.begun.erase(0, name.size());
      completion_.given.push_back(name.substr(0, name.size() - 1));
    }
  }

  void want_flags(const std::string& word) {
    completion_.wanted = Wanted::word;
    completion_.begun = word;
    for (const Flag& flag : command_.flags) {
      completion_.words.push_back({std::string(flag.name), std::string(flag.meaning)});
    }
    completion_.words.insert(completion_.words.end(), kFlagsOfAll.begin(), kFlagsOfAll.end());
  }

  const Command& command_;
  Completion completion_;
  const Flag* pending_ = nullptr;  // it waits for its value
  bool is_after_mark_ = false;     // "--" has come: no word is a flag
  std::vector<std::string> arguments_;
};

}  // namespace

std::optional<Wanted> wanted_for(std::string_view placeholder) {
  const auto* const found = std::ranges::find(kPlaceholders, placeholder, &Placeholder::word);
  if (found != std::end(kPlaceholders)) return found->wanted;
  return is_choice(placeholder) ? std::optional(Wanted::word) : std::nullopt;
}

Completion complete(std::span<const std::string> words) {
  if (words.empty()) return {};
  if (words.size() == 1) {
    std::vector<Candidate> first = command_names();
    if (words[0].starts_with('-')) first = {{"--help", "show the help"}, {"--version", "show the version"}};
    return {.wanted = Wanted::word, .begun = words[0], .words = std::move(first)};
  }
  const Command* const command = find_command(words[0]);
  if (command == nullptr || command->is_hidden) return {};
  Reader reader(*command);
  for (const std::string& word : words.subspan(1, words.size() - 2)) reader.pass(word);
  return reader.finish(words.back());
}

}  // namespace taskrun::cli

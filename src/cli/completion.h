#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// What a command line that is being typed can go on with, by the table of commands (command.h).
namespace taskrun::cli {

/// What stands where the cursor is. Flags and arguments tell it by the word that --help shows for their value.
enum class Wanted : std::uint8_t {
  nothing,  ///< a number, a time: nobody can guess it
  word,     ///< one of a few words, which are known
  file,
  directory,
  program,
  task,  ///< from here on names that are looked up (completion_names.h)
  tag,
  built_in,
  instance,
  zone,
};

struct Candidate {
  std::string text;
  std::string meaning{};  ///< "" for none
};

/// Where the names come from that the command line is about.
struct NamePlaces {
  bool are_of_runner = false;           ///< of the running runner, else of the manifest
  std::optional<std::string> manifest;  ///< as it was given
  std::optional<std::string> socket;    ///< likewise
  std::string instance;                 ///< likewise; "" for none
};

/// What the last word can become: `prefix`, followed by a candidate that begins with `begun`.
struct Completion {
  Wanted wanted = Wanted::nothing;
  std::string prefix{};  ///< "--only=a,"
  std::string begun{};
  std::vector<Candidate> words{};    ///< of Wanted::word
  std::vector<std::string> given{};  ///< names that stand there already
  NamePlaces places{};
};

/// `words`: all that follow the program's name, up to the cursor, without the shell's quotes; the last one, perhaps
/// empty, is being typed. What the table does not know is completed by nothing.
[[nodiscard]] Completion complete(std::span<const std::string> words);

/// What the word stands for that --help shows for a value: "FILE", "TASK", "all|results". Nothing where this is not
/// known.
[[nodiscard]] std::optional<Wanted> wanted_for(std::string_view placeholder);

}  // namespace taskrun::cli

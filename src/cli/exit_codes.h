#pragma once

#include <span>
#include <string_view>

/// What taskrun exits with where the task's own code does not decide (docs/operations.md has the whole table).
namespace taskrun::cli {

inline constexpr int kDone = 0;
inline constexpr int kNotDone = 1;         ///< a running runner does not do it: there is nothing to be done it to
inline constexpr int kUsage = 2;           ///< unknown flag, missing argument
inline constexpr int kNoInput = 66;        ///< a file that is to be read is missing or unreadable
inline constexpr int kNoRunner = 69;       ///< no runner answers, or it is stopping
inline constexpr int kInternal = 70;       ///< a mistake of ours
inline constexpr int kCannotCreate = 73;   ///< `init`: the file exists already or cannot be written
inline constexpr int kOutputFailed = 74;   ///< stdout failed
inline constexpr int kUnavailable = 75;    ///< another runner holds the instance; a task that cannot run now
inline constexpr int kWrongManifest = 78;  ///< the manifest has mistakes; a task that it does not have

/// One line of the table for people. Views into static storage.
struct ExitCode {
  std::string_view code;  ///< "66", or a group of them: "128+n"
  std::string_view meaning;
};

/// Every code there is, the tasks' own included.
[[nodiscard]] std::span<const ExitCode> exit_codes();

}  // namespace taskrun::cli

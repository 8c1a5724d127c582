#pragma once

#include <string>
#include <string_view>

#include "base/diagnostic.h"
#include "base/result.h"
#include "cli/client_options.h"
#include "control/http_message.h"

namespace taskrun::cli {

/// Why nothing came of what a runner was asked: it is not there, or it refuses.
struct Trouble {
  int exit_code = 0;
  std::string code;     ///< a word for programs: of the runner's refusal (docs/control.md), or "no_runner"
  std::string message;  ///< for people; printable, perhaps several lines, without the last one's end
  Diagnostics diagnostics{};
  /// Of the connection, as control/client.h has it: ECONNREFUSED, ETIMEDOUT … 0 where something has answered.
  int error_code = 0;
};

template <class T>
using Answered = tl::expected<T, Trouble>;

/// No runner answers: exit code 69.
[[nodiscard]] tl::unexpected<Trouble> no_runner(std::string message, int error_code = 0);

/// What a runner refuses, and the exit code for that. What is no answer of a runner is no runner.
[[nodiscard]] Trouble read_refusal(const control::Reply& reply);

/// Where asked for tells it as JSON on stdout, and gives the exit code.
[[nodiscard]] int answer_trouble(const AskOptions& options, const Trouble& trouble);

/// The mistakes in lines, each with its place where it has one.
[[nodiscard]] std::string told(const Diagnostics& diagnostics);

/// Tells it on stderr, where asked for also as JSON on stdout, and gives the exit code.
[[nodiscard]] int give_up(std::string_view command, const AskOptions& options, const Trouble& trouble);

}  // namespace taskrun::cli

#include "cli/trouble.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "control/answer_json.h"

namespace taskrun::cli {
namespace {

using Json = nlohmann::json;

constexpr std::size_t kLongestMessage = 2'000;

struct RefusalCode {
  std::string_view code;
  int exit_code;
};
// Where a mistake is in what was asked, the command says so as it would without a runner: 2 or 78. What may go well
// later is 75, what is simply not so is 1.
constexpr std::array kRefusalCodes{
    RefusalCode{"unknown_task", kWrongManifest},
    RefusalCode{"wrong_task", kWrongManifest},
    RefusalCode{"wrong_manifest", kWrongManifest},
    RefusalCode{"body_too_large", kWrongManifest},
    RefusalCode{"unreadable_manifest", kNoInput},
    RefusalCode{"name_taken", kNotDone},
    RefusalCode{"no_state", kNotDone},
    RefusalCode{"too_many_persisted", kNotDone},
    RefusalCode{"state_failed", kCannotCreate},
    RefusalCode{"unknown_run", kNotDone},
    RefusalCode{"unknown_seq", kNotDone},
    RefusalCode{"overlap", kUnavailable},
    RefusalCode{"paused", kUnavailable},
    RefusalCode{"pool", kUnavailable},
    RefusalCode{"disabled", kUnavailable},
    RefusalCode{"too_many_connections", kUnavailable},
    RefusalCode{"wrong_env", kUsage},
    RefusalCode{"bad_request", kUsage},
};

int exit_code_of(std::string_view code) {
  const auto* const found = std::ranges::find(kRefusalCodes, code, &RefusalCode::code);
  return found != kRefusalCodes.end() ? found->exit_code : kNoRunner;
}

Diagnostic diagnostic_of(const Json& json) {
  Diagnostic diagnostic;
  diagnostic.severity = json.value("severity", "error") == "warning" ? Severity::warning : Severity::error;
  diagnostic.file = printable(json.value("file", ""));
  diagnostic.line = json.value("line", std::size_t{0});
  diagnostic.column = json.value("column", std::size_t{0});
  diagnostic.message = printable(json.value("message", ""), kLongestMessage);
  diagnostic.hint = printable(json.value("hint", ""), kLongestMessage);
  return diagnostic;
}

// What the runner has placed in a text that nobody here sees has no place.
std::string shown(const Diagnostic& diagnostic) {
  if (diagnostic.line != 0) return render(diagnostic);
  const bool is_error = diagnostic.severity == Severity::error;
  return fmt::format("{}: {}: {}\n{}", diagnostic.file, is_error ? "error" : "warning", diagnostic.message,
                     diagnostic.hint.empty() ? "" : fmt::format("  hint: {}\n", diagnostic.hint));
}

}  // namespace

tl::unexpected<Trouble> no_runner(std::string message, int error_code) {
  return tl::unexpected(Trouble{kNoRunner, "no_runner", std::move(message), {}, error_code});
}

Trouble read_refusal(const control::Reply& reply) {
  try {
    const Json error = Json::parse(reply.body).at("error");
    Trouble trouble;
    trouble.code = printable(error.at("code").get<std::string>());
    trouble.exit_code = exit_code_of(trouble.code);
    trouble.message = printable(error.at("message").get<std::string>(), kLongestMessage);
    for (const Json& one : error.value("diagnostics", Json::array())) {
      trouble.diagnostics.push_back(diagnostic_of(one));
    }
    return trouble;
  } catch (const Json::exception&) {
    return no_runner(fmt::format("what answers there is no runner (status {})", reply.status)).value();
  }
}

int give_up(std::string_view command, const AskOptions& options, const Trouble& trouble) {
  tell(fmt::format("{}taskrun {}: {}\n", told(trouble.diagnostics), command, trouble.message));
  return answer_trouble(options, trouble);
}

std::string told(const Diagnostics& diagnostics) {
  std::string text;
  for (const Diagnostic& diagnostic : diagnostics) text += shown(diagnostic);
  return text;
}

int answer_trouble(const AskOptions& options, const Trouble& trouble) {
  if (!options.json) return trouble.exit_code;
  const int written = answer(control::error_json(trouble.code, trouble.message, trouble.diagnostics));
  return written != kDone ? written : trouble.exit_code;
}

}  // namespace taskrun::cli

#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <utility>

#include "cli/client_options.h"
#include "cli/runner_answers.h"
#include "cli/trouble.h"
#include "control/client.h"

namespace taskrun::cli {

/// The way to one running runner. Nothing here waits longer than control::kPatience for an answer, unless it was told
/// to.
class RunnerLink {
 public:
  /// The runner that is meant: behind `--socket`, of `--instance`, else the only one there is (socket_search.h). With
  /// several the trouble lists them, and is one of usage. Whether it answers is not known yet.
  [[nodiscard]] static Answered<RunnerLink> find(const RunnerChoice& choice);

  /// The body of an answer that is no refusal.
  [[nodiscard]] Answered<std::string> ask(std::string_view method, std::string_view target, std::string_view body = "",
                                          std::chrono::milliseconds patience = control::kPatience) const;
  [[nodiscard]] Answered<control::EventStream> follow(std::string_view target) const;
  /// The runner itself.
  [[nodiscard]] Answered<RunnerSeen> look(std::chrono::milliseconds patience = control::kPatience) const;

 private:
  explicit RunnerLink(std::string socket) : socket_(std::move(socket)) {}
  std::string socket_;
};

/// A runner that was found, answers, and is not stopping: what a command begins with.
struct ReadyRunner {
  RunnerLink link;
  RunnerSeen seen;
};
[[nodiscard]] Answered<ReadyRunner> ready_runner(const RunnerChoice& choice);

/// "/v1/tasks/NAME", with what follows the name: "/pause".
[[nodiscard]] std::string task_target(std::string_view name, std::string_view rest = "");

}  // namespace taskrun::cli

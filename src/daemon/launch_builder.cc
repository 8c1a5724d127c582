#include "daemon/launch_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include <unistd.h>

#include "base/signals.h"
#include "manifest/env_file.h"

namespace taskrun::daemon {
namespace {

std::vector<std::string> argv_of(const What& what) {
  struct Argv {
    std::vector<std::string> operator()(const ShellText& shell) const { return {"/bin/sh", "-c", shell.text}; }
    std::vector<std::string> operator()(const CommandLine& command) const { return command.argv; }
    std::vector<std::string> operator()(const BuiltinCall& call) const {
      return {"/proc/self/exe", "exec-builtin", call.name};
    }
  };
  return std::visit(Argv{}, what);
}

void add_run_variables(Variables& variables, const RunRef& run) {
  variables.emplace_back("TASKRUN_TASK", run.task.spec->name);
  variables.emplace_back("TASKRUN_RUN_ID", run.id.text());
  variables.emplace_back("TASKRUN_ATTEMPT", std::to_string(run.attempt));
  variables.emplace_back("TASKRUN_TRIGGER", to_word(run.trigger));
  variables.emplace_back("TASKRUN_SCHEDULED_AT", format_utc(run.scheduled_at));
}

}  // namespace

LaunchBuilder::LaunchBuilder(std::span<const char* const> environment, bool tee) : tee_(tee) {
  for (const std::string_view line : environment) {
    const std::size_t equals = line.find('=');
    if (equals == std::string_view::npos || manifest::is_never_inherited(line.substr(0, equals))) continue;
    inherited_.push_back({std::string(line), equals});
  }
}

LaunchBuilder LaunchBuilder::of_this_process(bool tee) {
  std::size_t count = 0;
  while (environ[count] != nullptr) ++count;
  return {{environ, count}, tee};
}

// Many runs a second inherit many variables: those are referred to, ready as they are.
void LaunchBuilder::add_environment(process::Launch& launch, const InheritEnv& inherit, const Variables& own) const {
  const auto is_named = [](const auto& variables, std::size_t from, std::string_view name) {
    return std::any_of(variables.begin() + static_cast<std::ptrdiff_t>(from), variables.end(),
                       [&](const auto& variable) { return variable.first == name; });
  };
  launch.inherited.reserve(inherited_.size());
  launch.environment.reserve(own.size() + 1);
  for (const Inherited& variable : inherited_) {
    const std::string_view name = std::string_view(variable.line).substr(0, variable.name_length);
    const bool is_kept =
        inherit.all || std::find(inherit.names.begin(), inherit.names.end(), name) != inherit.names.end();
    if (is_kept && !is_named(own, 0, name)) launch.inherited.push_back(variable.line.c_str());
  }
  for (std::size_t i = 0; i < own.size(); ++i) {
    if (!is_named(own, i + 1, own[i].first)) launch.environment.push_back(own[i].first + '=' + own[i].second);
  }
}

process::Launch LaunchBuilder::launch_of(const What& what, const RunRef& run, const Variables& more) const {
  const TaskPolicy& policy = *run.task.spec->policy;
  Variables own = policy.env;
  own.insert(own.end(), more.begin(), more.end());
  add_run_variables(own, run);

  process::Launch launch;
  launch.argv = argv_of(what);
  add_environment(launch, policy.inherit_env, own);
  launch.cwd = policy.cwd;
  launch.umask = policy.umask;
  launch.user = policy.user;
  launch.group = policy.group;
  launch.nice = policy.nice;
  launch.limits = policy.limits;
  launch.tee = tee_;
  if (const auto* call = std::get_if<BuiltinCall>(&what)) launch.stdin_text = call->arguments;
  return launch;
}

process::Launch LaunchBuilder::build(const engine::StartAttempt& start) const {
  const TaskSpec& spec = *start.run.task.spec;
  process::Launch launch = launch_of(spec.what, start.run, start.env != nullptr ? *start.env : Variables());
  if (!launch.stdin_text) launch.stdin_text = spec.policy->stdin_text;
  launch.output = spec.policy->output;
  launch.leftovers = spec.policy->leftovers;
  launch.result = wants_result(spec);
  if (launch.result) launch.environment.emplace_back("TASKRUN_RESULT_FD=3");
  return launch;
}

// A hook's leftovers are always ended and its output is kept as a tail: its result is one line.
process::Launch LaunchBuilder::build(const engine::StartHook& start) const {
  const Hook& hook = *hook_of(*start.run.task.spec->policy, start.hook);
  Variables variables = hook.env;
  variables.emplace_back("TASKRUN_HOOK", to_word(start.hook));
  if (start.outcome) variables.emplace_back("TASKRUN_OUTCOME", to_word(*start.outcome));
  if (start.exit.exit_code) variables.emplace_back("TASKRUN_EXIT_CODE", std::to_string(*start.exit.exit_code));
  if (start.exit.signal) variables.emplace_back("TASKRUN_SIGNAL", signal_name(*start.exit.signal));
  return launch_of(hook.what, start.run, variables);
}

}  // namespace taskrun::daemon

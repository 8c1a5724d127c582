#pragma once

#include "cli/options.h"

/// The commands, one file each. Each does its work, writes its answer to stdout and everything else to stderr, and
/// returns the exit code.
namespace taskrun::cli {

/// To be called before anything else: whatever the parent closed, 0, 1 and 2 are open.
void prepare_process();

[[nodiscard]] int start(const StartOptions& options);
[[nodiscard]] int once(const OnceOptions& options);
[[nodiscard]] int check(const CheckOptions& options);
[[nodiscard]] int list(const ListOptions& options);
[[nodiscard]] int next(const NextOptions& options);
[[nodiscard]] int explain(const ExplainOptions& options);
[[nodiscard]] int status(const StatusOptions& options);
[[nodiscard]] int add(const AddOptions& options);
[[nodiscard]] int change(const ChangeOptions& options);
[[nodiscard]] int trigger(const TriggerOptions& options);
[[nodiscard]] int cancel(const CancelOptions& options);
[[nodiscard]] int reload(const ReloadOptions& options);
[[nodiscard]] int stop(const StopOptions& options);
[[nodiscard]] int events(const EventsOptions& options);
[[nodiscard]] int history(const HistoryOptions& options);
[[nodiscard]] int show(const ShowRunOptions& options);
[[nodiscard]] int init(const InitOptions& options);
[[nodiscard]] int schema(const SchemaOptions& options);
[[nodiscard]] int builtins(const BuiltinsOptions& options);
[[nodiscard]] int man(const ManOptions& options);
[[nodiscard]] int completion(const CompletionOptions& options);
[[nodiscard]] int complete_words(const CompleteWordsOptions& options);
[[nodiscard]] int exec_builtin(const ExecBuiltinOptions& options);

[[nodiscard]] int show(const ShowText& text);
[[nodiscard]] int refuse(const UsageMistake& mistake);
/// Something threw that should not have: a mistake of ours, or no memory.
[[nodiscard]] int internal_error(const char* what);

}  // namespace taskrun::cli

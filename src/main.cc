// Read the command line, do the one thing that it asks for, exit with its code.

#include <exception>
#include <span>
#include <variant>

#include "cli/parse.h"
#include "cli/run.h"

namespace {

using namespace taskrun::cli;

struct Run {
  int operator()(const StartOptions& options) const { return start(options); }
  int operator()(const OnceOptions& options) const { return once(options); }
  int operator()(const CheckOptions& options) const { return check(options); }
  int operator()(const ListOptions& options) const { return list(options); }
  int operator()(const NextOptions& options) const { return next(options); }
  int operator()(const ExplainOptions& options) const { return explain(options); }
  int operator()(const StatusOptions& options) const { return status(options); }
  int operator()(const AddOptions& options) const { return add(options); }
  int operator()(const ChangeOptions& options) const { return change(options); }
  int operator()(const TriggerOptions& options) const { return trigger(options); }
  int operator()(const CancelOptions& options) const { return cancel(options); }
  int operator()(const ReloadOptions& options) const { return reload(options); }
  int operator()(const StopOptions& options) const { return stop(options); }
  int operator()(const EventsOptions& options) const { return events(options); }
  int operator()(const HistoryOptions& options) const { return history(options); }
  int operator()(const ShowRunOptions& options) const { return show(options); }
  int operator()(const InitOptions& options) const { return init(options); }
  int operator()(const SchemaOptions& options) const { return schema(options); }
  int operator()(const BuiltinsOptions& options) const { return builtins(options); }
  int operator()(const ManOptions& options) const { return man(options); }
  int operator()(const CompletionOptions& options) const { return completion(options); }
  int operator()(const CompleteWordsOptions& options) const { return complete_words(options); }
  int operator()(const ExecBuiltinOptions& options) const { return exec_builtin(options); }
  int operator()(const ShowText& text) const { return show(text); }
  int operator()(const UsageMistake& mistake) const { return refuse(mistake); }
};

}  // namespace

int main(int argc, char** argv) {
  prepare_process();
  try {
    return std::visit(Run{}, parse(std::span(argv, static_cast<std::size_t>(argc)).subspan(argc > 0 ? 1 : 0)));
  } catch (const std::exception& error) {
    return internal_error(error.what());
  }
}

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/name.h"
#include "cli/new_task.h"

/// What the commands that talk to a running runner were asked to do (options.h has the others).
namespace taskrun::cli {

/// Which runner is meant: the one behind a socket, the one of a name, or the only one there is.
struct RunnerChoice {
  std::optional<std::string> socket;
  Name instance;
};

/// What all of these commands have.
struct AskOptions {
  RunnerChoice runner;
  bool json = false;  ///< the runner's own answers, instead of text
};

struct StatusOptions {
  AskOptions ask;
  std::vector<std::string> tasks;  ///< none: all
  bool watch = false;
  bool check = false;
};

struct AddOptions {
  AskOptions ask;
  std::string what;  ///< the task's name, or, where nothing says what it runs, a file of tasks
  std::vector<KeyTexts> keys;
  std::vector<std::string> command;
  bool persist = false;
};

/// What a task can be made to be.
enum class Change { remove, pause, resume };

/// `remove`, `pause` and `resume`.
struct ChangeOptions {
  Change change = Change::pause;
  AskOptions ask{};
  std::vector<std::string> tasks{};
  bool stop = false;  ///< of remove: end its runs
};

struct TriggerOptions {
  AskOptions ask;
  std::string task;
  std::vector<std::string> env;  ///< NAME=VALUE, each
  bool wait = false;
};

struct ReloadOptions {
  AskOptions ask;
};

struct CancelOptions {
  AskOptions ask;
  std::string run;  ///< its id, the beginning of it, or the task's name
};

struct StopOptions {
  AskOptions ask;
  bool now = false;
  bool wait = false;
};

/// The number of an event line, which may be 0: before the first.
struct SeqNumber {
  std::uint64_t value = 0;
};

struct EventsOptions {
  AskOptions ask;
  std::optional<std::string> task;
  bool follow = false;
  SeqNumber since;
};

}  // namespace taskrun::cli

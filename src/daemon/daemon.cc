// One input at a time: decide, carry out (actions.cc), and whatever that makes happen is the next input. Nothing here
// decides.

#include "daemon/daemon.h"

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <random>
#include <utility>

#include <boost/asio/post.hpp>
#include <malloc.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include "base/result.h"
#include "daemon/borrowed.h"
#include "report/result_object.h"

namespace taskrun::daemon {
namespace {

constexpr int kOutputFailed = 74;
constexpr Nanos kLastRead = std::chrono::milliseconds(500);  // for a manifest that is still being read
constexpr Nanos kLastRecords = std::chrono::seconds(5);      // for what is to be kept for the next runner

std::uint64_t random_seed() {
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
}

engine::Settings settings_of(const Manifest& manifest) {
  return {manifest.max_parallel, manifest.pools, manifest.stop_timeout, random_seed()};
}

std::optional<Nanos> earlier(std::optional<Nanos> one, std::optional<Nanos> other) {
  return one && other ? std::min(*one, *other) : one ? one : other;
}

bool is_about_start(const engine::Action& action) {
  return std::holds_alternative<engine::StartAttempt>(action) || std::holds_alternative<engine::StartHook>(action) ||
         std::holds_alternative<engine::WithdrawAttempt>(action);
}

}  // namespace

Daemon::Daemon(Options options, Doors doors)
    : options_(std::move(options)),
      engine_(settings_of(options_.manifest), sys::read_clocks()),
      launches_(LaunchBuilder::of_this_process(options_.tee)),
      lines_(std::move(doors.lines)),
      chunks_(std::move(doors.chunks)),
      result_file_(options_.result_file),
      supervisor_(loop_, options_.once ? SupervisorSettings{} : SupervisorSettings::of_environment()),
      signal_reader_(std::move(doors.signals)),
      deadline_(std::move(doors.deadline)),
      wall_deadline_(std::move(doors.wall_deadline)),
      history_(std::move(doors.history)),
      persisted_(std::move(doors.persisted)),
      stdout_(loop_, lines_, [this](int error) { stdout_failed(error); }),
      stderr_(loop_, chunks_, [](int) {}),
      signals_(loop_, borrowed(signal_reader_.fd())),
      timer_(loop_, borrowed(deadline_.fd())),
      wall_timer_(loop_, borrowed(wall_deadline_.fd())),
      keeper_(loop_),
      run_for_(loop_),
      make_runner_(std::move(doors.make_runner)),
      ahead_(loop_, {.carry_out = [this](const engine::Action& action) { carry_out_any(action); },
                     .take_turn =
                         [this](const std::function<void()>& work) {
                           is_deciding_ = true;
                           work();
                           decide();
                         },
                     .refuse =
                         [this](AttemptId attempt) {
                           start_failed(attempt,
                                        {"claiming its due time: it was answered before", StartFailure::Kind::refused});
                         },
                     .died = [this](const report::OpenRun& run) { died(run); },
                     .found_mark = [this](const std::string& task, const DueMark& mark) { found_mark(task, mark); },
                     .drop =
                         [this](const Event& event) {
                           lines_.drop(event);
                           if (control_) control_->drop(event);
                         },
                     .put_off =
                         [this](const RunFinished& finished) {
                           if (control_) control_->put_off(finished);
                         },
                     .withdraw =
                         [this](AttemptId attempt) {
                           start_failed(attempt, {"ended before it could start", StartFailure::Kind::withdrawn});
                         }}),
      reload_(loop_, options_, engine_,
              {[this](const auto& inputs) { decide_together(inputs); },
               [this](engine::Input input) { inputs_.push_front({std::move(input), deciding_at_}); },
               [this](Fact fact) {
                 emit({sys::read_clocks().wall, std::move(fact)});
                 stdout_.flush();
               },
               [this] { supervisor_.reloading(sys::read_clocks().mono); },
               [this](const std::string& task, const Manifest& manifest) {
                 return options_.is_selection ? nullptr : persisted_.restore(task, manifest, options_.read_task);
               }}),
      containment_(std::move(doors.containment)) {
  if (doors.manifest_watch) reload_.watch(*std::move(doors.manifest_watch));
  if (!doors.listeners.socket && !doors.listeners.http) return;
  control_ = std::make_unique<ControlPoint>(loop_, RunnerParts{engine_, options_, lag_, persisted_, reload_},
                                            std::move(doors.listeners),
                                            [this](engine::Input input) { submit(std::move(input)); });
}

// Beginning and end. -------------------------------------------------------------------------------------------------

Result<int> Daemon::run(sys::Fd keeper_alive) {
  auto runner = make_runner_(loop_, *this);
  if (!runner) return tl::unexpected(runner.error());
  runner_ = *std::move(runner);
  watch(signals_, &Daemon::signals_came);
  watch(timer_, &Daemon::time_came);
  watch(wall_timer_, &Daemon::wall_time_came);
  if (keeper_alive) {
    keeper_.assign(keeper_alive.release());
    watch(keeper_, &Daemon::keeper_died);
  }
  boost::asio::post(loop_, [this] { begin(); });
  loop_.run();
  if (const auto written = result_file_.write(); !written) {
    spdlog::error("{}", written.error().message);
    return kOutputFailed;
  }
  // All is told and nothing runs: what a dead file system holds fast goes with the process.
  const bool has_read = reload_.has_ended_within(kLastRead);
  const bool is_recorded = ahead_.has_ended_within(kLastRecords);
  if (!is_recorded) spdlog::warn("the disk does not answer: the history is left as it is");
  if (!is_recorded || !has_read) std::_Exit(exit_code());
  return exit_code();
}

void Daemon::begin() {
  const std::vector<TaskSpecPtr> tasks = all_tasks();
  began_at_ = sys::read_clocks().wall;
  tasks_at_start_ = tasks.size();
  RunnerStarted started;
  started.version = TASKRUN_VERSION;
  started.pid = ::getpid();
  started.containment = containment_;
  started.tasks = tasks.size();
  started.state = options_.state_directory;
  if (control_) started.socket = control_->socket();
  if (control_) started.http = control_->http();
  emit({sys::read_clocks().wall, started});
  if (!options_.state_trouble.empty()) emit({sys::read_clocks().wall, HistoryDegraded{options_.state_trouble}});
  if (history_.is_kept()) ahead_.open(history_);
  add_tasks(tasks);
  for (const report::OpenRun& run : history_.open_runs) died(run);
  decide();
  if (control_) control_->open();
  ::malloc_trim(0);  // what reading the manifest took goes back
  if (options_.run_for) {
    run_for_.expires_after(*options_.run_for);
    run_for_.async_wait([this](const boost::system::error_code& error) {
      if (!error) stop("--for");
    });
  }
}

// The manifest's, and those that clients have added to stay, unless only some tasks are wanted.
std::vector<TaskSpecPtr> Daemon::all_tasks() {
  std::vector<TaskSpecPtr> tasks = options_.manifest.tasks;
  if (options_.is_selection) return tasks;
  for (TaskSpecPtr& task : persisted_.restore(options_.manifest, options_.read_task)) tasks.push_back(std::move(task));
  return tasks;
}

void Daemon::add_tasks(const std::vector<TaskSpecPtr>& tasks) {
  // A mark that none of them sets anew, in the same batch, is of a task that has such due times no longer.
  for (const auto& [task, mark] : history_.due_marks) {
    if (!options_.is_selection) ahead_.take(engine::Remember{task, std::nullopt});
  }
  std::vector<engine::Input> inputs;
  for (const TaskSpecPtr& task : tasks) {
    const TaskSpecPtr spec = options_.once ? on_request(*task) : task;
    inputs.emplace_back(engine::AddTask{spec, kAddRequest, history_.take_mark(spec->name)});
  }
  decide_together(inputs);
  for (std::size_t i = options_.manifest.tasks.size(); i < tasks.size(); ++i) {
    if (const engine::Task* task = engine_.tasks().find(tasks[i]->name)) reload_.added_by_client(task->key);
  }
}

void Daemon::stop(std::string cause, bool now) { submit(engine::StopRunner{std::move(cause), now}); }

int Daemon::exit_code() const {
  if (lines_.failure() != 0) return kOutputFailed;  // lines were lost: never 0
  const bool all_well = !exit_codes_.any_unsuccessful() && !exit_codes_.any_skipped();
  if (options_.once) {
    return options_.manifest.tasks.size() == 1 ? exit_codes_.of_only_run() : (all_well ? 0 : 1);
  }
  const bool failed = options_.fail_on_error && exit_codes_.any_unsuccessful();
  return failed || runs_were_killed_ ? 1 : 0;
}

// What happens. ------------------------------------------------------------------------------------------------------

void Daemon::watch(Descriptor& descriptor, void (Daemon::*happened)()) {
  descriptor.async_wait(Descriptor::wait_read, [this, &descriptor, happened](const boost::system::error_code& error) {
    if (error) return;
    (this->*happened)();
    if (descriptor.is_open()) watch(descriptor, happened);
  });
}

void Daemon::signals_came() {
  while (const auto received = signal_reader_.next()) signal_came(received->signal);
}

void Daemon::signal_came(int signal) {
  switch (signal) {
    case SIGCHLD: runner_->reap(); break;
    case SIGTERM: stop("SIGTERM", engine_.is_stopping()); break;
    case SIGINT: stop("SIGINT", engine_.is_stopping()); break;
    case SIGHUP: hang_up_came(); break;
    default: break;
  }
}

// A terminal's end, or somebody who wants the manifest read again.
void Daemon::hang_up_came() {
  if (terminals_.has_one_gone()) return stop("SIGHUP", engine_.is_stopping());
  if (options_.read_again) reload_.request(nullptr);
}

void Daemon::time_came() {
  static_cast<void>(deadline_.consume());
  time_passed();
}

// Due, or set: the engine sees in the clocks which.
void Daemon::wall_time_came() {
  static_cast<void>(wall_deadline_.consume());
  time_passed();
}

// What has ended ended before its timeout: this process may have been stopped, or busy, and its signal be looked at
// later.
void Daemon::time_passed() {
  is_deciding_ = true;
  runner_->reap();
  enqueue(engine::TimePassed{});
  decide();
}

void Daemon::keeper_died() {
  keeper_.close();
  stop("keeper died", true);
}

void Daemon::stdout_failed(int error) {
  spdlog::error("{}", fail_errno("cannot write to stdout", error).value().message);
  if (options_.on_stdout_closed == OnStdoutClosed::stop) stop("stdout failed");
}

void Daemon::on_line(AttemptId attempt, process::Stream stream, std::string_view line, bool partial) {
  const auto writer = writers_.find(attempt);
  if (writer == writers_.end()) return;
  emit(
      {sys::read_clocks().wall, RunOutput{writer->second, stream == process::Stream::err, std::string(line), partial}});
  stdout_.flush();
}

void Daemon::on_chunk(AttemptId, process::Stream, std::string_view bytes) {
  chunks_.write(bytes);
  stderr_.flush();
}

void Daemon::on_ended(AttemptId attempt, AttemptReport report) {
  writers_.erase(attempt);
  if (!report.result.empty()) {
    auto object = report::compact_json_object(report.result);
    report.result = object ? *std::move(object) : "";
    if (!object) report.result_error = object.error().message;
  }
  submit(engine::AttemptEnded{attempt, std::move(report)});
}

// What follows. ------------------------------------------------------------------------------------------------------

void Daemon::submit(engine::Input input) {
  enqueue(std::move(input));
  if (!is_deciding_) decide();
}

void Daemon::enqueue(engine::Input input) { inputs_.push_back({std::move(input), sys::read_clocks()}); }

void Daemon::decide() {
  is_deciding_ = true;
  if (!inputs_.empty()) lag_.turn_began(inputs_.front().at.mono);
  while (!inputs_.empty()) {
    const Arrival next = std::move(inputs_.front());
    inputs_.pop_front();
    apply(next.input, next.at);
  }
  is_deciding_ = false;
  if (options_.once && engine_.is_idle() && !engine_.is_stopping()) return stop("done");
  arm_timer();
  stdout_.flush();
}

// At one moment, so that equal intervals are due together; what is recorded of them is one batch.
void Daemon::decide_together(const std::vector<engine::Input>& inputs) {
  is_deciding_ = true;
  deciding_at_ = sys::read_clocks();
  lag_.turn_began(deciding_at_.mono);
  std::vector<engine::Action> starts;
  for (const engine::Input& input : inputs) {
    actions_.clear();
    engine_.apply(input, deciding_at_, actions_);
    for (engine::Action& action : actions_) {
      if (is_about_start(action)) {
        starts.push_back(std::move(action));
      } else {
        take(std::move(action));
      }
    }
  }
  for (engine::Action& action : starts) take(std::move(action));
  ahead_.commit();
  decide();
}

void Daemon::apply(const engine::Input& input, const Now& now) {
  deciding_at_ = now;
  actions_.clear();
  engine_.apply(input, now, actions_);
  for (engine::Action& action : actions_) take(std::move(action));
  ahead_.commit();
}

// A name is free for the manifest's next task as soon as that is decided: a client that asks finds the one or the
// other.
void Daemon::take(engine::Action action) {
  const auto* emit = std::get_if<engine::Emit>(&action);
  const auto* removed = emit != nullptr ? std::get_if<TaskRemoved>(&emit->event.fact) : nullptr;
  if (removed != nullptr) reload_.is_gone(removed->task);
  ahead_.take(std::move(action));
}

void Daemon::arm_timer() {
  const Now now = sys::read_clocks();
  const engine::Deadlines next = engine_.next_deadlines(now);
  if (next.wait) {
    deadline_.arm(now.boot + *next.wait);
  } else {
    deadline_.disarm();
  }
  lag_.turn_ended(now.mono, earlier(next.wait, next.wall ? std::optional(*next.wall - now.wall) : std::nullopt));
  if (next.wall) {
    wall_deadline_.arm(*next.wall);
  } else {
    wall_deadline_.watch_clock();
  }
}

}  // namespace taskrun::daemon

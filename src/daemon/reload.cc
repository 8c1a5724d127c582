#include "daemon/reload.h"

#include <cassert>
#include <exception>
#include <system_error>
#include <utility>
#include <variant>

#include <boost/asio/post.hpp>
#include <fmt/format.h>
#include <malloc.h>

#include "sys/clock.h"

namespace taskrun::daemon {

using control::Refused;
using control::Reloaded;

Reload::Reload(boost::asio::io_context& loop, Options& options, const engine::Engine& engine, Runner runner)
    : loop_(loop),
      options_(options),
      engine_(engine),
      runner_(std::move(runner)),
      stamp_(options.stamp),
      loaded_at_(sys::read_clocks().wall) {}

Reload::~Reload() {
  if (reader_.joinable()) reader_.join();
}

// Asking for it. -----------------------------------------------------------------------------------------------------

void Reload::watch(sys::FileWatch watch) {
  watch_ = std::make_unique<ManifestWatch>(loop_, std::move(watch), [this] {
    if (sys::stamp_of(options_.manifest_path) != stamp_) request(nullptr);
  });
}

void Reload::request(Answer answer) {
  if (answer) waiting_.push_back(std::move(answer));
  is_wanted_ = true;
  if (!is_reading_) read();
}

void Reload::refuse_all() {
  answer_all(tl::unexpected(Refused{control::Refusal::stopping, "the runner is stopping", {}}));
}

void Reload::give_up() {
  refuse_all();
  asked_ = std::exchange(waiting_, {});
  refuse_all();
}

bool Reload::has_ended_within(Nanos limit) {
  return !reader_.joinable() || has_read_.wait_for(limit) == std::future_status::ready;
}

// Reading it. --------------------------------------------------------------------------------------------------------

// Where no thread is to be had, it is read here.
void Reload::read() {
  is_wanted_ = false;
  asked_ = std::exchange(waiting_, {});
  if (engine_.is_stopping()) return was_read({});
  is_reading_ = true;
  forget_taken_out();
  runner_.begins();
  try {
    std::promise<void> read;
    has_read_ = read.get_future();
    reader_ = std::thread([this, read = std::move(read)]() mutable {
      auto reading = std::make_shared<Reading>(read_and_compare());
      read.set_value_at_thread_exit();
      boost::asio::post(loop_, [this, reading] {
        reader_.join();
        was_read(std::move(*reading));
      });
    });
  } catch (const std::system_error&) {
    was_read(read_and_compare());
  }
}

// Here, as in main(), exceptions of libraries end: there may be no memory for another manifest.
Reload::Reading Reload::read_and_compare() const {
  try {
    Reading reading{options_.read_again(), {}};
    if (reading.manifest.manifest) reading.diff = take_differences(options_.manifest, *reading.manifest.manifest);
    return reading;
  } catch (const std::exception& error) {
    const auto message = fmt::format("the manifest cannot be read again: {}", error.what());
    return {{.is_unreadable = true, .errors = {{.file = options_.manifest_path, .message = message}}, .error_count = 1},
            {}};
  }
}

void Reload::was_read(Reading reading) {
  is_reading_ = false;
  if (engine_.is_stopping()) {
    refuse_all();
  } else if (!reading.manifest.manifest) {
    stamp_ = reading.manifest.stamp;
    answer_all(tl::unexpected(reject(std::move(reading.manifest))));
  } else {
    stamp_ = reading.manifest.stamp;
    answer_all(accept(std::move(reading)));
  }
  if (is_wanted_) read();
}

void Reload::answer_all(const tl::expected<Reloaded, Refused>& answer) {
  for (const Answer& take : std::exchange(asked_, {})) take(answer);
}

// Taking it over. ----------------------------------------------------------------------------------------------------

Refused Reload::reject(Rereading reading) {
  const auto reason = reading.is_unreadable ? control::Refusal::unreadable_manifest : control::Refusal::wrong_manifest;
  const Diagnostics& errors = reading.errors;
  assert(!errors.empty());  // or it would not be rejected
  const Diagnostic& first = errors.front();
  error_ = reading.is_unreadable ? first.message
                                 : fmt::format("{}:{}:{}: {}", first.file, first.line, first.column, first.message);
  runner_.tell(ManifestRejected{errors, reading.error_count});
  return {reason, error_, std::move(reading.errors)};
}

tl::expected<Reloaded, Refused> Reload::accept(Reading reading) {
  Manifest& fresh = *reading.manifest.manifest;
  const ManifestDiff& diff = reading.diff;
  std::vector<engine::Input> inputs;
  for (const std::string& task : diff.removed) unwant(task, fresh, inputs);
  inputs.emplace_back(engine::ChangeSettings{{fresh.max_parallel, fresh.pools, fresh.stop_timeout}});
  for (const TaskSpecPtr& task : diff.changed) want(task, inputs);
  for (const TaskSpecPtr& task : diff.added) want(task, inputs);
  const Reloaded reloaded{diff.added.size(), diff.changed.size(), diff.removed.size(), diff.unchanged};
  options_.manifest = std::move(fresh);
  runner_.take(inputs);
  error_.clear();
  loaded_at_ = sys::read_clocks().wall;
  runner_.tell(ManifestReloaded{options_.manifest.tasks.size(), reloaded.added, reloaded.changed, reloaded.removed});
  ::malloc_trim(0);  // what reading it took goes back
  return reloaded;
}

// A client may have added a task of this name, or taken one out, also while the manifest was read, that may still be
// ending.
void Reload::want(const TaskSpecPtr& task, std::vector<engine::Input>& inputs) {
  taken_out_.erase(task->name);
  const engine::Task* there = engine_.tasks().find(task->name);
  if (there == nullptr) {
    inputs.emplace_back(engine::AddTask{task});
  } else if (there->is_removing) {
    later_.insert_or_assign(task->name, task);
  } else {
    of_clients_.erase(there->key);
    inputs.emplace_back(engine::ChangeTask{there->key, task});
  }
}

// What a client had added to stay under the name is the client's again.
void Reload::unwant(const std::string& task, const Manifest& fresh, std::vector<engine::Input>& inputs) {
  later_.erase(task);
  const engine::Task* there = engine_.tasks().find(task);
  if (there == nullptr || of_clients_.contains(there->key)) return;
  if (const TaskSpecPtr kept = there->is_removing ? nullptr : runner_.restore(task, fresh)) {
    of_clients_.insert(there->key);
    inputs.emplace_back(engine::ChangeTask{there->key, kept});
  } else {
    inputs.emplace_back(engine::RemoveTask{there->key});
  }
}

// What clients do meanwhile. -----------------------------------------------------------------------------------------

// Also what has not come yet, because a task of its name, a client's perhaps, is still ending.
void Reload::removed_by_client(const engine::Task& task) {
  const std::string& name = task.spec->name;
  const bool is_awaited = later_.erase(name) > 0;
  if (is_awaited || !of_clients_.contains(task.key)) taken_out_.insert(name);
}

// What a client took out is not there, so a manifest that has it adds it.
void Reload::forget_taken_out() {
  if (taken_out_.empty()) return;
  std::erase_if(options_.manifest.tasks, [this](const TaskSpecPtr& task) { return taken_out_.contains(task->name); });
  taken_out_.clear();
}

void Reload::is_gone(const TaskRef& task) {
  of_clients_.erase(task.key());
  if (auto next = later_.extract(task.spec->name)) runner_.take_next(engine::AddTask{next.mapped()});
}

}  // namespace taskrun::daemon

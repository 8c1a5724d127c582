#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/ids.h"
#include "engine/admission.h"
#include "engine/timer_queue.h"
#include "model/event.h"
#include "model/outcome.h"
#include "model/task_spec.h"

namespace taskrun::engine {

/// Where a run stands. The table of what follows what is at the head of task_state.cc.
enum class Phase {
  jitter,       ///< its start is put off
  queued,       ///< behind an alive run of its task (overlap queue or replace)
  waiting,      ///< for a place: pool or max_parallel
  running,      ///< a process is alive: an attempt, or a hook
  stopping,     ///< the stop signal was sent; the grace runs
  killing,      ///< SIGKILL was sent
  backing_off,  ///< between two attempts
};

/// The moment that a run answers, on both clocks.
struct DueTime {
  BootTime boot;
  WallTime wall;
  bool is_kept = false;  ///< of `cron` or `at`: the task's mark must tell it until its run has begun
};

/// What a timer of the boot-time queue belongs to; what it means follows from the owner's state.
struct Owner {
  enum class Kind : std::uint8_t { task, run, runner } kind = Kind::runner;
  std::uint32_t index = 0;
};

/// One run: from the moment it is accepted to the end of its hook. Also carries an on_stop hook, which follows no run.
struct Run {
  std::uint32_t index = 0;
  std::uint32_t serial = 0;  // 0 while the record is free
  TaskKey task;
  TaskSpecPtr spec;  // as it was when the run began; a reload does not change it
  RunId id;
  Trigger trigger = Trigger::schedule;
  DueTime due;
  int attempt = 1;
  std::shared_ptr<const Variables> env;  // what it was asked for with; null for nothing

  Phase phase = Phase::waiting;
  std::optional<HookKind> hook;               // set: the process is this hook
  std::optional<KilledBy> ending;             // why we end the process
  Admission::Pool pool = Admission::kNoPool;  // whose place it waits for or holds
  bool holds_place = false;
  AttemptId process{};    // of the present attempt or hook; its low 32 bits are `index`
  bool is_up = false;     // that process exists: before that its start may be withdrawn
  TimerId timer;          // jitter, start deadline, grace, retry wait: the phase tells which
  TimerId timeout_timer;  // on the monotonic clock

  BootTime attempt_due;  // when this attempt should have started: lateness counts from here
  MonoTime started;
  WallTime started_at;
  std::optional<Outcome> outcome;  // of the last attempt, for hooks
  ExitStatus exit;

  [[nodiscard]] bool has_process() const {
    return phase == Phase::running || phase == Phase::stopping || phase == Phase::killing;
  }
  /// Its first attempt has been started: alive for `overlap`, and to be closed by a run_finished, not a run_skipped,
  /// unless that start is withdrawn.
  [[nodiscard]] bool has_begun() const { return has_process() || attempt > 1 || hook.has_value(); }
};

}  // namespace taskrun::engine

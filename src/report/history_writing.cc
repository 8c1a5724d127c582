// How a record becomes rows.
//
// A run is a row of `claim` while it is open, and one row of `entry` for each attempt that has ended. Whatever has been
// written before is found by its run id and left as it is, so that a batch can be written again.

#include <algorithm>
#include <cstddef>
#include <cstring>

#include "report/history_file.h"
#include "report/history_rows.h"
#include "report/history_schema.h"

namespace taskrun::report {
namespace {

using database::Answer;
using database::FailureKind;
using database::SqliteStatement;

std::int64_t microseconds(Nanos duration) { return duration.count() / 1000; }
std::int64_t integer(std::uint64_t count) {
  return static_cast<std::int64_t>(std::min<std::uint64_t>(count, INT64_MAX));
}

// Binds one parameter after the other. Nothing, and a count of zero, is NULL: a byte less in ten million rows.
class Binder {
 public:
  explicit Binder(SqliteStatement& statement) : statement_(statement) {}

  Binder& operator()(std::int64_t value) {
    statement_.bind(next_++, value);
    return *this;
  }
  Binder& operator()(std::span<const std::byte> bytes) {
    statement_.bind(next_++, bytes);
    return *this;
  }
  Binder& text(std::string_view text) {
    if (text.empty()) return nothing();
    statement_.bind(next_++, text);
    return *this;
  }
  Binder& blob(std::string_view bytes) {
    if (bytes.empty()) return nothing();
    return (*this)(std::as_bytes(std::span(bytes)));
  }
  Binder& count(std::int64_t count) { return count == 0 ? nothing() : (*this)(count); }
  template <class Value>
  Binder& maybe(const std::optional<Value>& value) {
    return value ? (*this)(std::int64_t{*value}) : nothing();
  }
  Binder& nothing() {
    statement_.bind_null(next_++);
    return *this;
  }
  Binder& nothings(int count) {
    while (count-- > 0) nothing();
    return *this;
  }

 private:
  SqliteStatement& statement_;
  int next_ = 1;
};

// Whether there is a row; ready to be asked again.
Answer<bool> is_there(SqliteStatement& bound) {
  auto row = bound.step();
  bound.reset();
  return row;
}

bool is_run(std::span<const std::byte> stored, const RunId& id) { return std::ranges::equal(stored, bytes_of(id)); }

std::int64_t flags_of(const AttemptReport& report) {
  return (report.exit.core_dumped ? kCoreDumpedFlag : 0) | (report.output_complete ? 0 : kOutputCutOffFlag);
}

void bind_attempt(SqliteStatement& statement, const RunFinished& finished, std::int64_t task, Trigger trigger,
                  bool answers) {
  const AttemptReport& report = finished.report;
  Binder bind(statement);
  bind(bytes_of(finished.run.id))(task)(finished.run.attempt)(nanoseconds(finished.run.scheduled_at))
      .count(answers ? 1 : 0)(number_of(kOutcomeNumbers, finished.outcome))(number_of(kTriggerNumbers, trigger))(
          nanoseconds(finished.started_at))(finished.duration.count());
  bind.maybe(report.exit.exit_code).maybe(report.exit.signal);
  bind.maybe(finished.killed_by ? std::optional(number_of(kKilledByNumbers, *finished.killed_by)) : std::nullopt);
  bind.count(flags_of(report)).count(report.pid).count(microseconds(report.cpu_user));
  bind.count(microseconds(report.cpu_system)).count(report.max_rss_kib).count(integer(report.leftovers_killed));
  bind.count(integer(report.output_bytes)).count(integer(report.truncated_bytes));
  if (finished.is_final) {
    bind.nothing();
  } else {
    bind(finished.retry_in.value_or(Nanos{}).count());
  }
  bind.nothings(2).text(finished.error);
}

}  // namespace

// 0 where it is not there.
Answer<std::int64_t> HistoryFile::find_task(const std::string& name) {
  if (const auto known = tasks_.find(name); known != tasks_.end()) return known->second;
  auto& find = statements_.get(Sql::find_task);
  find.bind(1, std::string_view(name));
  const auto found = find.step();
  const std::int64_t number = found && *found ? find.integer(0) : 0;
  find.reset();
  if (!found) return tl::unexpected(found.error());
  return number;
}

Answer<std::int64_t> HistoryFile::task_number(const std::string& name) {
  auto number = find_task(name);
  if (!number) return number;
  if (*number == 0) {
    auto& add = statements_.get(Sql::add_task);
    add.bind(1, std::string_view(name));
    if (auto added = add.run(); !added) return tl::unexpected(added.error());
    number = connection_.last_row();
  }
  if (tasks_.size() >= limits::kHistoryTaskNames) tasks_.clear();
  tasks_.emplace(name, *number);
  return number;
}

Answer<void> HistoryFile::add(const RunClaimed& claimed, Written& written) {
  const RunRef& run = claimed.run;
  const auto task = task_number(run.task.spec->name);
  if (!task) return tl::unexpected(task.error());
  const std::int64_t due = nanoseconds(run.scheduled_at);
  const bool answers = answers_due_time(run.trigger);
  if (const auto before = is_written(run.id, *task, due, answers, written); !before || *before) {
    return before ? Answer<void>{} : tl::unexpected(before.error());
  }
  auto& add = statements_.get(Sql::add_claim);
  Binder{add}(bytes_of(run.id)) (*task)(due).count(answers ? 1 : 0)(number_of(kTriggerNumbers, run.trigger))(
      run.attempt)(nanoseconds(claimed.claimed_at));
  const auto added = add.run();
  if (added || added.error().kind != FailureKind::constraint) return added;
  written.refused.push_back(run.id);  // an open run answers the due time
  return {};
}

// Whether the claim needs no row: the run has one, or has ended, or its due time has been answered, so it is refused.
Answer<bool> HistoryFile::is_written(const RunId& id, std::int64_t task, std::int64_t due, bool answers,
                                     Written& written) {
  auto& claim = statements_.get(Sql::find_claim);
  Binder{claim}(bytes_of(id));
  if (auto open = is_there(claim); !open || *open) return open;
  auto& ended = statements_.get(Sql::find_entry);
  Binder{ended}(bytes_of(id))(1);
  if (auto has_ended = is_there(ended); !has_ended || *has_ended) return has_ended;
  if (!answers) return false;
  auto& answer = statements_.get(Sql::find_answer);
  Binder{answer}(task)(due);
  auto is_answered = answer.step();
  const bool is_same = is_answered && *is_answered && is_run(answer.bytes(0), id);
  answer.reset();
  if (is_answered && *is_answered && !is_same) written.refused.push_back(id);
  return is_answered;
}

// What the run began with: its claim tells, else this attempt.
Answer<HistoryFile::Beginning> HistoryFile::beginning_of(const RunRef& run) {
  auto& claim = statements_.get(Sql::find_claim);
  Binder{claim}(bytes_of(run.id));
  const auto found = claim.step();
  Beginning beginning{run.trigger, answers_due_time(run.trigger)};
  if (found && *found) {
    beginning.trigger = value_of(kTriggerNumbers, claim.integer(0)).value_or(run.trigger);
    beginning.answers = !claim.is_null(1);
  }
  claim.reset();
  if (!found) return tl::unexpected(found.error());
  return beginning;
}

Answer<void> HistoryFile::add(const RunFinished& finished, Written&) {
  const auto task = task_number(finished.run.task.spec->name);
  if (!task) return tl::unexpected(task.error());
  auto& entry = statements_.get(Sql::find_entry);
  Binder{entry}(bytes_of(finished.run.id))(finished.run.attempt);
  const auto is_written = is_there(entry);
  if (!is_written) return tl::unexpected(is_written.error());
  if (!*is_written) {
    const auto beginning = beginning_of(finished.run);
    if (!beginning) return tl::unexpected(beginning.error());
    if (auto added = add_attempt(finished, *task, *beginning); !added) return added;
  }
  return go_on(finished);
}

Answer<void> HistoryFile::add_attempt(const RunFinished& finished, std::int64_t task, const Beginning& beginning) {
  auto& add = statements_.get(Sql::add_entry);
  bind_attempt(add, finished, task, beginning.trigger, beginning.answers && finished.is_final);
  auto added = add.run();
  if (!added && added.error().kind == FailureKind::constraint) {
    // It ran while no claim could be written, and its due time had an answer: that is told as it happened.
    bind_attempt(add, finished, task, beginning.trigger, false);
    added = add.run();
  }
  const AttemptReport& report = finished.report;
  if (!added || (report.stdout_tail.empty() && report.stderr_tail.empty() && report.result.empty())) return added;
  auto& output = statements_.get(Sql::add_output);
  Binder{output}(connection_.last_row()).blob(report.stdout_tail).blob(report.stderr_tail).text(report.result);
  return output.run();
}

Answer<void> HistoryFile::go_on(const RunFinished& finished) {
  auto& claim = statements_.get(finished.is_final ? Sql::end_claim : Sql::retry_claim);
  Binder bind(claim);
  bind(bytes_of(finished.run.id));
  if (!finished.is_final) bind(finished.run.attempt + 1);
  return claim.run();
}

Answer<void> HistoryFile::add(const DueTimeSkipped& skip, Written&) {
  const RunSkipped& skipped = skip.skipped;
  const auto task = task_number(skipped.run.task.spec->name);
  if (!task) return tl::unexpected(task.error());
  auto& entry = statements_.get(Sql::find_entry);
  Binder{entry}(bytes_of(skipped.run.id))(skipped.run.attempt);
  if (const auto written = is_there(entry); !written || *written) {
    return written ? Answer<void>{} : tl::unexpected(written.error());
  }
  auto& add = statements_.get(Sql::add_entry);
  Binder bind(add);
  bind(bytes_of(skipped.run.id)) (*task)(skipped.run.attempt)(nanoseconds(skipped.run.scheduled_at)).nothing();
  bind(kSkippedNumber)(number_of(kTriggerNumbers, skipped.run.trigger))(nanoseconds(skip.at)).nothings(13);
  bind(number_of(kReasonNumbers, skipped.reason))(integer(skipped.count)).nothing();
  if (auto added = add.run(); !added || !skip.ends_claim) return added;
  auto& claim = statements_.get(Sql::end_claim);
  Binder{claim}(bytes_of(skipped.run.id));
  return claim.run();
}

Answer<void> HistoryFile::add(const RecordsLost& lost, Written&) {
  auto& entry = statements_.get(Sql::find_gap);
  Binder{entry}(nanoseconds(lost.from))(nanoseconds(lost.until))(integer(lost.count));
  if (const auto written = is_there(entry); !written || *written) {
    return written ? Answer<void>{} : tl::unexpected(written.error());
  }
  auto& add = statements_.get(Sql::add_entry);
  Binder bind(add);
  bind.nothings(2)(1)(nanoseconds(lost.from)).nothing()(kGapNumber).nothing()(nanoseconds(lost.until)).nothings(14);
  bind(integer(lost.count)).nothing();
  return add.run();
}

Answer<void> HistoryFile::add(const DueTimesKept& kept, Written&) {
  if (!kept.mark) return forget_mark(kept.task);
  const auto task = task_number(kept.task);
  if (!task) return tl::unexpected(task.error());
  std::vector<std::int64_t> owed;
  std::ranges::transform(kept.mark->owed, std::back_inserter(owed), nanoseconds);
  auto& add = statements_.get(Sql::add_mark);
  Binder bind(add);
  bind(task.value())(nanoseconds(kept.mark->answered))(std::as_bytes(std::span(owed)));
  return add.run();
}

// And the task with it, where nothing else is known of it.
Answer<void> HistoryFile::forget_mark(const std::string& task) {
  const auto number = find_task(task);
  if (!number) return tl::unexpected(number.error());
  if (*number == 0) return {};
  for (const Sql which : {Sql::end_mark, Sql::forget_task}) {
    statements_.get(which).bind(1, *number);
    if (auto forgotten = statements_.get(which).run(); !forgotten) return forgotten;
  }
  tasks_.erase(task);
  return {};
}

}  // namespace taskrun::report

#include "daemon/history_writer.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/history_limits.h"
#include "sys/clock.h"

namespace taskrun::daemon {
namespace {

using report::HistoryFile;
using report::HistoryRecord;
using report::HistoryTrouble;

report::HistoryAnswer<FoundHistory> look_into(const HistorySettings& settings) {
  FoundHistory found;
  found.settings = settings;
  auto file = HistoryFile::open(settings.path, settings.durability);
  if (!file) return tl::unexpected(std::move(file.error()));
  auto open_runs = file->open_runs();
  if (!open_runs) return tl::unexpected(std::move(open_runs.error()));
  auto due_marks = file->due_marks();
  if (!due_marks) return tl::unexpected(std::move(due_marks.error()));
  found.file = std::move(*file);
  found.open_runs = std::move(*open_runs);
  found.due_marks = std::move(*due_marks);
  return found;
}

// What is wrong, and what has become of the file where it was damaged: out of the way, so that a new one can be begun.
std::string clear_away(const std::string& path, const HistoryTrouble& trouble) {
  if (trouble.kind != HistoryTrouble::Kind::corrupt) return trouble.error.message;
  const auto aside = report::set_aside(path, sys::read_clocks().wall);
  return aside ? fmt::format("{}; it was set aside as '{}'", trouble.error.message, *aside) : aside.error().message;
}

}  // namespace

std::optional<DueMark> FoundHistory::take_mark(std::string_view task) {
  const auto found = due_marks.find(task);
  if (found == due_marks.end()) return std::nullopt;
  return due_marks.extract(found).mapped();
}

FoundHistory find_history(HistorySettings settings) {
  auto found = look_into(settings);
  if (found) return std::move(*found);
  FoundHistory other;
  const bool is_damaged = found.error().kind == HistoryTrouble::Kind::corrupt;
  std::string trouble = clear_away(settings.path, found.error());
  if (auto anew = is_damaged ? look_into(settings) : std::move(found)) other = std::move(*anew);
  other.settings = std::move(settings);
  other.trouble = std::move(trouble);
  return other;
}

HistoryWriter::HistoryWriter(FoundHistory& found, std::function<void(Progress)> tell)
    : settings_(found.settings), tell_(std::move(tell)), file_(std::exchange(found.file, std::nullopt)) {
  if (file_) identity_ = file_->identity();
  has_read_ = file_.has_value();
  for (const report::OpenRun& run : found.open_runs) known_.insert(run.id);
  try {
    std::promise<void> ended;
    ended_ = ended.get_future();
    thread_ = std::thread([this, ended = std::move(ended)]() mutable {
      work();
      file_.reset();
      ended.set_value_at_thread_exit();
    });
  } catch (const std::system_error& error) {
    tell_({.trouble = fmt::format("cannot start the thread that writes it: {}", error.code().message())});
  }
}

HistoryWriter::~HistoryWriter() {
  ask_to_end();
  if (thread_.joinable()) thread_.join();
}

// On the loop. -------------------------------------------------------------------------------------------------------

HistoryWriter::Ticket HistoryWriter::submit(std::vector<HistoryRecord> records, WallTime now, bool may_lose) {
  const std::lock_guard lock(mutex_);
  const Ticket ticket = backlog_.add(std::move(records), now, may_lose);
  changed_.notify_one();
  return ticket;
}

void HistoryWriter::forget(const RunId& run) {
  const std::lock_guard lock(mutex_);
  backlog_.forget(run);
}

void HistoryWriter::ask_to_end() {
  const std::lock_guard lock(mutex_);
  is_ending_ = true;
  changed_.notify_one();
}

bool HistoryWriter::has_ended_within(Nanos limit) {
  ask_to_end();
  return !thread_.joinable() || ended_.wait_for(limit) == std::future_status::ready;
}

// On the thread. -----------------------------------------------------------------------------------------------------

void HistoryWriter::work() {
  bool is_failing = !file_;
  std::unique_lock lock(mutex_);
  while (true) {
    if (is_failing) {
      changed_.wait_for(lock, limits::kHistoryRetry, [this] { return is_ending_; });
    } else if (!has_more_to_prune_) {
      changed_.wait_for(lock, limits::kHistoryIdle, [this] { return is_ending_ || !backlog_.is_empty(); });
    }
    const bool is_last = is_ending_;
    if (is_last && backlog_.is_empty()) return;
    const bool has_news = is_failing || !backlog_.is_empty();
    Backlog::Batch batch = backlog_.take();
    lock.unlock();
    is_failing = (has_news ? !write(std::move(batch)) : !is_in_place()) || (!is_last && !prune_a_little());
    lock.lock();
    if (is_failing && is_last) return;
  }
}

// Whether the path still names the file that was open last, also after a failure that closed it. Where it does not,
// the log of the one that is gone goes out of the way: what stands there now would be taken for the one that it is of.
bool HistoryWriter::is_in_place() {
  if (!identity_ || report::identity_of(settings_.path) == identity_) return true;
  identity_.reset();
  file_.reset();
  const auto aside = report::set_log_aside(settings_.path, sys::read_clocks().wall);
  return fail({aside ? Error{fmt::format("'{}' was removed or replaced", settings_.path)} : aside.error()});
}

bool HistoryWriter::write(Backlog::Batch batch) {
  const bool is_written = is_in_place() && (file_ || reopen(batch)) && write_into_file(batch);
  if (!is_written) {
    const std::lock_guard lock(mutex_);
    backlog_.put_back(std::move(batch));
  }
  return is_written;
}

// Another file, perhaps: what stands is written into it, and never mixed with what is tried again.
bool HistoryWriter::reopen(const Backlog::Batch& batch) {
  FoundHistory found = find_history(settings_);
  if (!found.file) return fail({{found.trouble}});
  if (!found.trouble.empty()) spdlog::warn("{}", found.trouble);
  identity_ = found.file->identity();
  file_ = std::move(found.file);
  const auto written = file_->write(all_that_stands());
  if (!written) return fail(written.error());
  std::vector<report::OpenRun> orphans = of_others(std::move(found.open_runs), batch);
  for (const report::OpenRun& run : orphans) known_.insert(run.id);
  Progress news{.open_runs = std::move(orphans)};
  if (!std::exchange(has_read_, true)) news.due_marks = std::move(found.due_marks);
  if (!news.open_runs.empty() || !news.due_marks.empty()) tell_(std::move(news));
  return true;
}

bool HistoryWriter::write_into_file(const Backlog::Batch& batch) {
  const MonoTime begun = sys::read_clocks().mono;
  auto written = file_->write(batch.records);
  if (!written) return fail(written.error());
  remember(batch.records, written->refused);
  tell_({.done = batch.until, .refused = std::move(written->refused), .took = sys::read_clocks().mono - begun});
  return true;
}

// Closed, so that the next attempt begins from the start: the file may be another one by then.
bool HistoryWriter::fail(const HistoryTrouble& trouble) {
  file_.reset();
  if (trouble.kind == HistoryTrouble::Kind::corrupt) identity_.reset();  // it is cleared away here
  tell_({.trouble = clear_away(settings_.path, trouble)});
  return false;
}

// What the file holds of the runs of this runner and of due times: written anew into one that is opened later, which
// may be another one. What it holds already, it is told once more without harm.
std::vector<HistoryRecord> HistoryWriter::all_that_stands() const {
  std::vector<HistoryRecord> records;
  for (const auto& [id, claim] : open_) records.emplace_back(claim);
  for (const auto& [task, mark] : due_times_) records.emplace_back(report::DueTimesKept{task, mark});
  return records;
}

void HistoryWriter::remember(const std::vector<HistoryRecord>& records, const std::vector<RunId>& refused) {
  for (const HistoryRecord& record : records) {
    if (const auto* claimed = std::get_if<report::RunClaimed>(&record)) {
      open_.insert_or_assign(claimed->run.id, *claimed);
    } else if (const auto* finished = std::get_if<RunFinished>(&record)) {
      if (finished->is_final) {
        open_.erase(finished->run.id);
      } else if (const auto open = open_.find(finished->run.id); open != open_.end()) {
        open->second.run.attempt = finished->run.attempt + 1;
      }
    } else if (const auto* skip = std::get_if<report::DueTimeSkipped>(&record)) {
      if (skip->ends_claim) open_.erase(skip->skipped.run.id);
    } else if (const auto* kept = std::get_if<report::DueTimesKept>(&record)) {
      if (kept->mark) {
        due_times_.insert_or_assign(kept->task, *kept->mark);
      } else {
        due_times_.erase(kept->task);
      }
    }
  }
  for (const RunId& run : refused) open_.erase(run);
}

// Not of this runner: neither known to be open, nor about to be, as when a failure was told of what had succeeded.
std::vector<report::OpenRun> HistoryWriter::of_others(std::vector<report::OpenRun> runs,
                                                      const Backlog::Batch& batch) const {
  std::set<RunId> own;
  for (const HistoryRecord& record : batch.records) {
    if (const auto* claimed = std::get_if<report::RunClaimed>(&record)) own.insert(claimed->run.id);
  }
  std::erase_if(
      runs, [&](const auto& run) { return open_.contains(run.id) || known_.contains(run.id) || own.contains(run.id); });
  return runs;
}

bool HistoryWriter::prune_a_little() {
  const auto pruned = file_->prune(settings_.retention, sys::read_clocks().wall);
  has_more_to_prune_ = pruned.value_or(false);
  return pruned ? true : fail(pruned.error());
}

}  // namespace taskrun::daemon

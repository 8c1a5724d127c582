#include "daemon/history_writer.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/history_limits.h"
#include "sys/clock.h"

namespace taskrun::daemon {
namespace {

using report::HistoryFile;
using report::HistoryRecord;
using report::HistoryTrouble;

tl::expected<HistoryFile, HistoryTrouble> open_or_begin_anew(const HistorySettings& settings, std::string& trouble) {
  auto file = HistoryFile::open(settings.path, settings.durability);
  if (file || file.error().kind != HistoryTrouble::Kind::corrupt) return file;
  const auto aside = report::set_aside(settings.path, sys::read_clocks().wall);
  if (!aside) return tl::unexpected(HistoryTrouble{aside.error()});
  trouble = fmt::format("{}; it was set aside as '{}'", file.error().error.message, *aside);
  return HistoryFile::open(settings.path, settings.durability);
}

}  // namespace

std::optional<DueMark> FoundHistory::take_mark(std::string_view task) {
  const auto found = due_marks.find(task);
  if (found == due_marks.end()) return std::nullopt;
  return due_marks.extract(found).mapped();
}

FoundHistory find_history(HistorySettings settings) {
  FoundHistory found;
  found.settings = std::move(settings);
  auto file = open_or_begin_anew(found.settings, found.trouble);
  if (!file) {
    found.trouble = file.error().error.message;
    return found;
  }
  auto open_runs = file->open_runs();
  auto due_marks = file->due_marks();
  if (!open_runs || !due_marks) {
    found.trouble = (!open_runs ? open_runs.error() : due_marks.error()).error.message;
    return found;
  }
  found.file = std::move(*file);
  found.open_runs = std::move(*open_runs);
  found.due_marks = std::move(*due_marks);
  return found;
}

HistoryWriter::HistoryWriter(FoundHistory& found, std::function<void(Progress)> tell)
    : settings_(found.settings), tell_(std::move(tell)), file_(std::exchange(found.file, std::nullopt)) {
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
    tell_({0, {}, {}, fmt::format("cannot start the thread that writes it: {}", error.code().message())});
  }
}

HistoryWriter::~HistoryWriter() {
  ask_to_end();
  if (thread_.joinable()) thread_.join();
}

// On the loop. -------------------------------------------------------------------------------------------------------

HistoryWriter::Ticket HistoryWriter::submit(std::vector<HistoryRecord> records, WallTime now) {
  const std::lock_guard lock(mutex_);
  const Ticket ticket = backlog_.add(std::move(records), now);
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
    Backlog::Batch batch = backlog_.take();
    lock.unlock();
    is_failing = !write(std::move(batch));
    if (!is_failing && !is_last) prune_a_little();
    lock.lock();
    if (is_failing && is_last) return;
  }
}

bool HistoryWriter::write(Backlog::Batch batch) {
  if (file_ && !file_->is_still_there()) {
    file_.reset();
    const auto aside = report::set_log_aside(settings_.path, sys::read_clocks().wall);
    return fail(std::move(batch),
                {aside ? Error{fmt::format("'{}' was removed or replaced", settings_.path)} : aside.error()});
  }
  std::vector<report::OpenRun> orphans;
  if (!file_) {
    FoundHistory found = find_history(settings_);
    if (!found.file) return fail(std::move(batch), {{found.trouble}});
    file_ = std::move(found.file);
    orphans = of_others(std::move(found.open_runs));
    auto standing = all_that_stands();
    batch.records.insert(batch.records.begin(), std::move_iterator(standing.begin()),
                         std::move_iterator(standing.end()));
  }
  auto written = file_->write(batch.records);
  if (!written) return fail(std::move(batch), std::move(written.error()));
  for (const report::OpenRun& run : orphans) known_.insert(run.id);
  remember(batch.records, written->refused);
  tell_({batch.until, std::move(written->refused), std::move(orphans), ""});
  return true;
}

// Closed, so that the next attempt begins from the start: the file may be another one by then.
bool HistoryWriter::fail(Backlog::Batch batch, const HistoryTrouble& trouble) {
  file_.reset();
  {
    const std::lock_guard lock(mutex_);
    backlog_.put_back(std::move(batch));
  }
  tell_({0, {}, {}, trouble.error.message});
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
      if (finished->is_final) open_.erase(finished->run.id);
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

std::vector<report::OpenRun> HistoryWriter::of_others(std::vector<report::OpenRun> runs) const {
  std::erase_if(runs, [this](const auto& run) { return open_.contains(run.id) || known_.contains(run.id); });
  return runs;
}

// A failure here is the next batch's to tell.
void HistoryWriter::prune_a_little() {
  has_more_to_prune_ = file_->prune(settings_.retention, sys::read_clocks().wall).value_or(false);
}

}  // namespace taskrun::daemon

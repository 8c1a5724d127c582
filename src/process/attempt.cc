#include "process/attempt.h"

#include <algorithm>
#include <csignal>

#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "sys/pidfd.h"

namespace taskrun::process {
namespace {

using namespace std::chrono_literals;

// Ends of processes wake us by SIGCHLD; looking again of our own accord is for what ends without a word to us, so it
// begins soon and soon becomes rare.
constexpr auto kFirstLook = 1ms;
constexpr auto kRarestLook = 1s;

Nanos to_nanos(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}

bool is_escaped(const sys::ProcessStat& member, pid_t main) { return member.pid != main && member.parent == getpid(); }

// The process that was looked at and no other: it is held first and looked at again then. A child of ours keeps its
// number until we reap it; that is the way where no descriptor is left to hold it by.
void signal_exactly(const sys::ProcessStat& member, int signal) {
  const auto held = sys::hold_process(member.pid);
  if (!held) {
    if (member.parent == getpid()) ::kill(member.pid, signal);
    return;
  }
  const auto now = sys::read_stat(member.pid);
  if (now && now->started == member.started) sys::send_signal(held->get(), signal);
}

}  // namespace

Attempt::Attempt(AttemptId id, const Launch& launch, const AttemptPlace& place, std::unique_ptr<Cell> cell, Ended ended)
    : id_(id),
      place_(place),
      ended_(std::move(ended)),
      cell_(std::move(cell)),
      leftovers_(launch.leftovers),
      mode_(launch.output.mode),
      out_(id, Stream::out, launch.output, launch.tee, place.listener),
      err_(id, Stream::err, launch.output, launch.tee, place.listener),
      timer_(place.loop),
      next_look_(kFirstLook) {}

Result<TaskEnds> Attempt::open_pipes(const Launch& launch) {
  TaskEnds ends;
  const auto open = [&](sys::Fd& end, PipeReader::Sink sink) -> Result<void> {
    auto pipe = open_pipe(std::move(sink));
    if (!pipe) return tl::unexpected(pipe.error());
    end = std::move(*pipe);
    return {};
  };
  Result<void> opened;
  if (wants_output(launch.output, launch.tee)) {
    opened = open(ends[0], [this](std::string_view chunk) { out_.append(chunk); });
    if (opened) opened = open(ends[1], [this](std::string_view chunk) { err_.append(chunk); });
  }
  if (opened && launch.result) opened = open(ends[2], [this](std::string_view chunk) { result_.append(chunk); });
  if (!opened) return tl::unexpected(opened.error());
  return ends;
}

Result<sys::Fd> Attempt::open_pipe(PipeReader::Sink sink) {
  auto pipe = sys::make_pipe();
  if (!pipe) return tl::unexpected(pipe.error());
  auto reader =
      PipeReader::make(place_.pipes, std::move(pipe->read), place_.buffer, std::move(sink), [this] { advance(); });
  if (!reader) return tl::unexpected(reader.error());
  readers_.push_back(std::move(*reader));
  return sys::move_up(std::move(pipe->write), kLowestOwn);
}

void Attempt::on_started(Spawned main) {
  report_.pid = main.pid;
  main_ = std::move(main.pidfd);
  main_alive_ = true;
  std::vector<int> pipes;
  for (const auto& reader : readers_) {
    pipes.push_back(reader->fd());
    reader->listen(weak_from_this());
  }
  cell_->on_started(report_.pid, pipes);
}

void Attempt::on_main_reaped(int status, const rusage& usage) {
  main_alive_ = false;
  main_.reset();
  if (WIFEXITED(status)) report_.exit.exit_code = WEXITSTATUS(status);
  if (WIFSIGNALED(status)) report_.exit.signal = WTERMSIG(status);
  report_.exit.core_dumped = WIFSIGNALED(status) && WCOREDUMP(status);
  report_.cpu_user = to_nanos(usage.ru_utime);
  report_.cpu_system = to_nanos(usage.ru_stime);
  report_.max_rss_kib = usage.ru_maxrss;
  report_.oom = report_.exit.signal == SIGKILL && cell_->was_out_of_memory();
  cell_->on_main_reaped();
  drain_until_ = Clock::now() + limits::kDrain;
}

void Attempt::advance() {
  if (has_ended_) return;
  if (leftovers_ == Leftovers::leave && !main_alive_) return end_or_drain(drain());
  if (killing_) return advance_killing();
  if (main_alive_) return;
  const bool at_end = drain();
  if (leftovers_ == Leftovers::wait || stop_sent_) return advance_waiting(at_end);
  if (!at_end && Clock::now() < drain_until_) return wake_at(drain_until_);
  if (cell_->is_empty()) return end(at_end);
  begin_killing();
}

void Attempt::advance_waiting(bool at_end) {
  if (cell_->is_empty()) return end_or_drain(at_end);
  drain_until_ = Clock::now() + limits::kDrain;
  look_again();
}

void Attempt::advance_killing() {
  if (!main_alive_ && cell_->is_empty()) return end_or_drain(drain());
  if (Clock::now() < kill_until_) {
    kill_pass();
    return look_again();
  }
  for (const sys::ProcessStat& member : cell_->members()) report_.survivors.push_back(member.pid);
  end(drain());
}

void Attempt::end_or_drain(bool at_end) {
  if (at_end || Clock::now() >= drain_until_) {
    end(at_end);
  } else {
    wake_at(drain_until_);
  }
}

bool Attempt::drain() {
  bool at_end = true;
  for (const auto& reader : readers_) at_end = reader->drain() && at_end;
  return at_end;
}

void Attempt::end(bool at_end) {
  has_ended_ = true;
  timer_.cancel();
  out_.finish();
  err_.finish();
  if (leftovers_ == Leftovers::leave) cell_->leave();
  readers_.clear();
  cell_.reset();
  report_.output_complete = report_.output_complete && at_end;
  report_.output_bytes = out_.bytes() + err_.bytes();
  report_.stdout_tail = out_.tail();
  report_.stderr_tail = err_.tail();
  const std::uint64_t kept = report_.stdout_tail.size() + report_.stderr_tail.size();
  if (mode_ == OutputMode::tail) report_.truncated_bytes = report_.output_bytes - kept;
  report_.result = result_.text();
  report_.result_error = result_.error();
  const auto alive = shared_from_this();
  ended_(id_);
  place_.listener.on_ended(id_, std::move(report_));
}

void Attempt::stop(int signal) {
  if (has_ended_) return;
  stop_sent_ = true;
  next_look_ = kFirstLook;
  place_.containment.refresh();
  const auto members = members_to_end();
  for (const sys::ProcessStat& member : members) count(member, signal);
  send(members, signal);
  send(members, SIGCONT);
  wake_at(Clock::now());
}

void Attempt::kill() {
  if (has_ended_ || killing_) return;
  begin_killing();
}

void Attempt::begin_killing() {
  killing_ = true;
  // What holds a pipe beyond the main process's end might have written more.
  if (!main_alive_) report_.output_complete = drain();
  kill_until_ = Clock::now() + limits::kKillPasses;
  next_look_ = kFirstLook;
  kill_pass();
  look_again();
}

void Attempt::kill_pass() {
  place_.containment.refresh();
  const auto members = members_to_end();
  for (const sys::ProcessStat& member : members) count(member, SIGKILL);
  if (leftovers_ == Leftovers::leave) return send(members, SIGKILL);
  // Something is alive that was not there when its list was read: it forks faster than we look.
  const bool is_unseen = !main_alive_ && members.empty() && !cell_->is_empty();
  if (!cell_->kill()) return send(members, SIGKILL);
  if (is_unseen && report_.leftovers_killed == 0) report_.leftovers_killed = 1;
}

// With `leave`, what has already escaped is alone responsible for itself.
std::vector<sys::ProcessStat> Attempt::members_to_end() {
  auto members = cell_->members();
  if (leftovers_ != Leftovers::leave) return members;
  std::erase_if(members, [&](const auto& member) { return is_escaped(member, report_.pid); });
  return members;
}

// The group of the main process first, which reaches also what is just being started; its number is taken while the
// main process is not reaped.
void Attempt::send(const std::vector<sys::ProcessStat>& members, int signal) {
  const bool by_group = main_alive_ && leftovers_ != Leftovers::leave;
  if (by_group) ::kill(-report_.pid, signal);
  if (main_alive_ && !by_group) sys::send_signal(main_.get(), signal);
  for (const sys::ProcessStat& member : members) {
    const bool has_it = (by_group && member.group == report_.pid) || (main_alive_ && member.pid == report_.pid);
    if (!has_it) signal_exactly(member, signal);
  }
}

// A process counts as a leftover when it has escaped from the main process, or has outlived it, and is ended by us. One
// that gets its SIGKILL together with the main process is none, though it may be seen dying a moment later.
void Attempt::count(const sys::ProcessStat& member, int signal) {
  if (member.pid == report_.pid) return;
  const bool is_leftover = !main_alive_ || is_escaped(member, report_.pid);
  if (!is_leftover && signal != SIGKILL) return;
  const auto [entry, is_new] = counted_.try_emplace(member.pid, member.started);
  if (!is_new && entry->second == member.started) return;
  entry->second = member.started;
  if (is_leftover) ++report_.leftovers_killed;
}

void Attempt::look_again() {
  wake_at(Clock::now() + next_look_);
  next_look_ = std::min<Clock::duration>(next_look_ * 2, kRarestLook);
}

void Attempt::wake_at(Clock::time_point when) {
  timer_.expires_at(when);
  timer_.async_wait([owner = weak_from_this()](const boost::system::error_code& error) {
    const auto attempt = owner.lock();
    if (!attempt || error || attempt->has_ended_) return;
    attempt->place_.containment.refresh();
    attempt->advance();
  });
}

}  // namespace taskrun::process

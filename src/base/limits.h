#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

/// Everything a user, a task or a client can make grow has its limit here, with the reason.
namespace taskrun::limits {

using namespace std::chrono_literals;

// Manifest.
/// A mistaken path (a disk image, a log) is refused before it is read whole; 100,000 tasks take 31 MB.
inline constexpr Bytes kManifestSize = mebibytes(256);
/// Nobody nests deeper by intent; bounds every recursion over JSON.
inline constexpr std::size_t kJsonDepth = 64;
/// Of one task, or of one section of the top level: that much is in memory at once, at about 100 bytes a value.
inline constexpr std::size_t kJsonValues = 100'000;
/// Longer than any text that somebody gives a task; a file of one endless string, or of blanks, is read no further, and
/// costs a few times that much.
inline constexpr Bytes kJsonToken = mebibytes(4);
/// A shell completes names of a manifest while somebody waits: 100,000 tasks are read in a tenth of a second.
inline constexpr Bytes kCompletionManifest = mebibytes(32);
/// Nobody reads on; and of a part of them the shell would take what they share for what all share.
inline constexpr std::size_t kCompletions = 10'000;
/// How long a shell that completes waits for a runner.
inline constexpr auto kCompletionPatience = 500ms;
/// [A-Za-z0-9][A-Za-z0-9._-]{0,63}: fits file names, metric labels and table columns.
inline constexpr std::size_t kNameLength = 64;
/// A wholly wrong file is told by its first mistakes; the rest is counted.
inline constexpr std::size_t kDiagnostics = 100;
/// So many mistakes are counted; a file with more of them is no manifest, and is read no further.
inline constexpr std::size_t kDiagnosticsCounted = 10'000;
/// An env_file is settings, not data.
inline constexpr Bytes kEnvFileSize = mebibytes(1);
/// Below it a schedule is a busy loop.
inline constexpr auto kShortestPeriod = 10ms;
inline constexpr int kMaxParallelDefault = 256;
/// No machine has more processes (the kernel's pid_max is 4 million), and each run has at least one.
inline constexpr int kMaxParallel = 1'000'000;
/// A cron expression that names every second, minute, hour and day one by one is shorter; bounds the time to refuse
/// one.
inline constexpr std::size_t kCronLength = 1'000;
/// More attempts than this is a loop, and wants a schedule.
inline constexpr int kRetryAttempts = 1'000'000;
/// Of one task; each is asked at every due time. More of them is a calendar.
inline constexpr std::size_t kCronExpressions = 1'000;
/// What `taskrun next` computes at once.
inline constexpr int kDueTimesShown = 10'000;
/// A line of `taskrun next --batch`: a question of a few hundred bytes, with room for whatever is asked in error.
inline constexpr Bytes kBatchLine = kibibytes(64);
/// Of a task that catches up on all: after a week's holiday nobody wants more of an hourly job than this.
inline constexpr int kCatchUpDefault = 100;
/// They are remembered until they have run, and each gets a line.
inline constexpr int kCatchUpMax = 10'000;

// The wall clock.
/// A due time noticed later than this was missed, and goes by catch_up; a machine that is merely busy is not that late.
inline constexpr auto kMissedAfter = 1min;
/// A smaller change of the wall clock is a reading that was interrupted, or a correction that nobody sees in a line.
inline constexpr auto kClockJump = 500ms;
/// A clock that is set back further than this had simply been wrong: what it had answered no longer counts, or a task
/// might be silent for years.
inline constexpr auto kClockWasWrong = 24h;

// Tasks that clients add to stay.
/// They are written anew as a whole with each one that comes or goes, before it is answered: two milliseconds for so
/// many. Whoever has more writes a manifest.
inline constexpr std::size_t kPersistedTasks = 10'000;
inline constexpr Bytes kPersistedSize = mebibytes(8);

// The loop.
/// A loop that is this late is not well: what is due now starts when somebody else's patience is over.
inline constexpr auto kLoopLag = 5s;
/// How long, at least, a late turn is remembered, and half of how long at most: so that whoever looks every half minute
/// sees each.
inline constexpr auto kLoopLagRemembered = 30s;

// Event lines.
/// Container log drivers split lines at 16 KiB; see docs/events.md.
inline constexpr std::size_t kEventLine = 16'000;
/// What a task may write to fd 3. A result is never cut, so it must fit a line beside everything but the output tails.
inline constexpr Bytes kResultSize = kibibytes(12);
/// Largest output tail kept for each stream; the event line caps it again, encoded.
inline constexpr Bytes kOutputTail = mebibytes(1);
/// A line of a task longer than this is told in pieces (`partial`): it must fit an event line when every byte is
/// escaped as \u00XX (6 bytes each).
inline constexpr std::size_t kOutputLine = 2'400;
/// Bytes of event lines that wait for a slow reader of stdout before run_output is dropped, and before all is. At the
/// end of a runner, what waits below the first bound still fits the 1 MiB that an ordinary user's pipe may be made to
/// hold, so that a reader who pauses loses nothing.
inline constexpr Bytes kStdoutQueue = kibibytes(768);
inline constexpr Bytes kStdoutQueueHard = mebibytes(4);
/// Bytes of passed-through output that wait for a slow reader of stderr before more is left out.
inline constexpr Bytes kStderrQueue = mebibytes(1);
/// How long the last lines may take to leave at the end of a stop.
inline constexpr auto kStdoutFlush = 500ms;

// Processes.
/// After the main process has ended: how long its output pipes may stay open.
inline constexpr auto kDrain = 2s;
/// How long killing a tree is tried before containment_failed tells.
inline constexpr auto kKillPasses = 5s;
/// One read from a task's pipe; a flooding task yields to the others after it.
inline constexpr std::size_t kReadChunk = 64 * 1024;

// The control socket.
/// A request is a few names and one task: whoever sends more has mistaken us for something else.
inline constexpr Bytes kControlBody = mebibytes(1);
/// Of a request: its first line and its header fields. No client of ours needs a tenth of it.
inline constexpr std::size_t kControlHead = 8 * 1024;
/// A person, a dashboard, a few scripts; each costs a descriptor and a few KiB. One more is told so at once.
inline constexpr std::size_t kControlConnections = 64;
/// For a request to be complete from the moment its connection is there or idle, and for the peer to take each answer:
/// on one machine both take a millisecond.
inline constexpr auto kControlDeadline = 5s;
/// How long to look away when descriptors have run out: a listening socket would be ready all the time.
inline constexpr auto kControlBackOff = 100ms;
/// One read from, and one chunk to, a peer: the others get their turn after it.
inline constexpr std::size_t kControlChunk = 64 * 1024;
/// What a peer that was refused may still send before the connection is cut, so that it can read why.
inline constexpr Bytes kControlDiscard = mebibytes(4);
/// Of an answer with all tasks, so many are told in one turn of the loop, at 1 µs each.
inline constexpr std::size_t kTasksATurn = 500;
/// Variables that come with the request for one run, and the bytes of their names and values: settings of a run, not
/// its input; a start goes through all of them for each.
inline constexpr std::size_t kRunVariables = 256;
inline constexpr Bytes kRunVariablesSize = kibibytes(64);
/// Event lines kept for subscribers: a minute of a busy runner, an hour of a quiet one.
inline constexpr Bytes kEventRing = mebibytes(1);

// Databases.
/// How long a statement waits for another connection that is in the way before it is tried again, or told.
inline constexpr auto kDatabasePatience = 10s;
/// Connections of one run of `billing`: PostgreSQL allows 100 in all unless somebody asked for more.
inline constexpr std::int64_t kBillingParallel = 64;
/// Instances of an account that are in memory at once while it is billed.
inline constexpr std::int64_t kBillingPiece = 10'000;
/// How often the transaction of an account is tried that another one was in the way of.
inline constexpr int kBillingTries = 5;
/// Accounts that failed are told one by one up to here, and counted beyond.
inline constexpr std::size_t kBillingFailuresTold = 20;
/// A script of `sql` is a schema or a seed, not a dump; it is in memory as a whole.
inline constexpr Bytes kSqlScript = mebibytes(64);

}  // namespace taskrun::limits

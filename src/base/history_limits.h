#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

/// The limits of the history; base/limits.h has the others.
namespace taskrun::limits {

using namespace std::chrono_literals;

/// A month of runs, and never so many that a list of them takes long; `--keep` and `--keep-runs` change that.
inline constexpr auto kHistoryKeep = 30 * 24h;
inline constexpr std::uint64_t kHistoryKeepRuns = 100'000;
/// Of the file: so many runs with a few KiB of output each.
inline constexpr Bytes kHistorySize = mebibytes(1024);
/// Of what was written last and is not in the file yet; SQLite's own bound while nobody reads is 4 MiB.
inline constexpr Bytes kHistoryLog = mebibytes(8);
/// The pages that are written again and again: the ends of two indexes and of two tables.
inline constexpr Bytes kHistoryCache = mebibytes(2);
/// Another program that writes into our file gets this long; our runs wait meanwhile.
inline constexpr auto kHistoryPatience = 1s;
/// Of the tasks that were used last the number is remembered; at 100 bytes each.
inline constexpr std::size_t kHistoryTaskNames = 100'000;
/// One step of taking away what is too old holds the disk for some milliseconds.
inline constexpr std::size_t kHistoryPrunedRows = 500;
inline constexpr Bytes kHistoryPrunedBytes = mebibytes(4);
inline constexpr std::int64_t kHistoryVacuumedPages = 256;
/// Free pages of 4 KiB that stay for what comes.
inline constexpr std::int64_t kHistoryFreePages = 256;
/// What a row costs on disk with its places in the indexes, without its output.
inline constexpr Bytes kHistoryRow{150};

// Writing before acting.
/// A disk that takes longer to say that something is written is not waited for: a due time is worth more than its
/// record.
inline constexpr auto kRecordPatience = 1s;
/// How long after a failure the history is tried again.
inline constexpr auto kHistoryRetry = 1s;
/// How often a writer with nothing to write looks whether its file is still there, and prunes.
inline constexpr auto kHistoryIdle = 1min;
/// What gathers in memory while nothing can be written; what comes beyond is counted. 10,000 runs with little output.
inline constexpr Bytes kHistoryBacklog = mebibytes(16);
/// Output lines that wait for a record before them, in memory: more are left out.
inline constexpr Bytes kHeldOutput = mebibytes(1);

// Reading.
/// Entries of a list that are read at once.
inline constexpr std::size_t kHistoryPage = 256;
/// Lines of a table that are aligned with each other: no screen has more.
inline constexpr std::size_t kHistoryLines = 1'000;
/// Of each task, so many of the last runs make its summary.
inline constexpr std::size_t kHistorySummedRuns = 10'000;
/// Of those, so many are shown one by one.
inline constexpr std::size_t kHistorySparks = 16;
/// Fewer digits of a run's id name too many runs.
inline constexpr std::size_t kRunDigits = 4;

}  // namespace taskrun::limits

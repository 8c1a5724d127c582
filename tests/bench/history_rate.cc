// What the history costs: history_rate FILE RUNS fills a new one through the program's own writer, in batches as a busy
// runner makes them, and reads it. Prints lines of a name and a figure: microseconds, or bytes a run.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "report/history_file.h"
#include "report/history_reader.h"

namespace {

using namespace taskrun;
using namespace taskrun::report;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr WallTime kStart{std::chrono::seconds(1'767'225'600)};  // 2026-01-01
constexpr std::size_t kTasks = 100;
constexpr std::size_t kBatch = 500;  // runs

double microseconds(Clock::duration spent) { return std::chrono::duration<double, std::micro>(spent).count(); }

template <class Value>
Value checked(HistoryAnswer<Value> answer) {
  if (answer) return std::move(*answer);
  std::fprintf(stderr, "history_rate: %s\n", answer.error().error.message.c_str());
  std::exit(1);
}

void check(const HistoryAnswer<void>& answer) {
  if (answer) return;
  std::fprintf(stderr, "history_rate: %s\n", answer.error().error.message.c_str());
  std::exit(1);
}

std::vector<TaskRef> make_tasks() {
  std::vector<TaskRef> tasks;
  const auto policy = std::make_shared<TaskPolicy>();
  for (std::size_t i = 0; i < kTasks; ++i) {
    tasks.push_back(
        {std::make_shared<TaskSpec>(TaskSpec{"task-" + std::to_string(i), ShellText{""}, Every{1s}, policy}),
         static_cast<TaskId>(i)});
  }
  return tasks;
}

// About one run in a hundred fails; the figures are as large as usual ones.
RunFinished run(std::size_t number, const TaskRef& task, RunIdSource& ids) {
  RunFinished run;
  const WallTime due = kStart + static_cast<int>(number / 100) * 1s + static_cast<int>(number % 100) * 10'000'123ns;
  run.run = {task, ids.make(due), 1, Trigger::schedule, due};
  run.started_at = due + 1'234'567ns;
  run.duration = 123'456'789ns + static_cast<int>(number % 1'000) * 1'000'001ns;
  run.outcome = number % 101 == 0 ? Outcome::failure : Outcome::success;
  run.report.pid = 100'000 + static_cast<pid_t>(number % 4'000'000);
  run.report.exit.exit_code = number % 101 == 0 ? 1 : 0;
  run.report.cpu_user = 12'345us;
  run.report.cpu_system = 6'789us;
  run.report.max_rss_kib = 3'456;
  run.report.output_bytes = 120;
  return run;
}

void fill(HistoryFile& file, std::size_t runs) {
  const std::vector<TaskRef> tasks = make_tasks();
  RunIdSource ids(1);
  const std::size_t measured = std::min<std::size_t>(runs, 100'000);
  std::vector<HistoryRecord> batch;
  const auto begin = Clock::now();
  for (std::size_t number = 0; number < runs;) {
    batch.clear();
    for (std::size_t of_batch = 0; of_batch < kBatch && number < runs; ++of_batch, ++number) {
      const RunFinished ended = run(number, tasks[number * 7 % kTasks], ids);
      // The rest only makes the file large.
      if (number < measured) batch.emplace_back(RunClaimed{ended.run, ended.started_at});
      batch.emplace_back(ended);
    }
    static_cast<void>(checked(file.write(batch)));
    if (number == measured) {
      std::printf("write %f\n", microseconds(Clock::now() - begin) / static_cast<double>(measured));
    }
  }
}

// One claim and one end, each alone in its transaction: a runner that does one thing at a time.
void write_alone(HistoryFile& file, const char* name, std::size_t first) {
  constexpr std::size_t kRuns = 300;
  const std::vector<TaskRef> tasks = make_tasks();
  RunIdSource ids(first);
  const auto begin = Clock::now();
  for (std::size_t number = first; number < first + kRuns; ++number) {
    const RunFinished ended = run(number, tasks[number % kTasks], ids);
    const HistoryRecord claim = RunClaimed{ended.run, ended.started_at}, end = ended;
    static_cast<void>(checked(file.write({&claim, 1})));
    static_cast<void>(checked(file.write({&end, 1})));
  }
  std::printf("%s %f\n", name, microseconds(Clock::now() - begin) / static_cast<double>(kRuns));
}

// The middle of some readings, each by a reader of its own.
void read(const std::string& path, const char* name, const HistoryQuery& query) {
  std::vector<double> spent;
  for (int i = 0; i < 9; ++i) {
    const auto begin = Clock::now();
    auto reader = checked(HistoryReader::open(path));
    check(reader.list(query, [](const HistoryEntry&) { return true; }));
    spent.push_back(microseconds(Clock::now() - begin));
  }
  std::ranges::sort(spent);
  std::printf("%s %f\n", name, spent[spent.size() / 2]);
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 3) return 2;
  const std::string path = arguments[1];
  const std::size_t runs = std::strtoull(arguments[2], nullptr, 10);
  {
    auto file = checked(HistoryFile::open(path, Durability::normal));
    fill(file, runs);
    write_alone(file, "alone-normal", runs);
  }
  std::printf("bytes %f\n", static_cast<double>(std::filesystem::file_size(path)) / static_cast<double>(runs));
  {
    auto file = checked(HistoryFile::open(path, Durability::full));
    write_alone(file, "alone-full", runs + 1'000);
  }
  read(path, "last-50", {.limit = 50});
  read(path, "last-50-of-a-task", {.task = "task-7", .limit = 50});
  read(path, "last-50-failed", {.failed = true, .limit = 50});
  read(path, "last-50-since", {.since = kStart + static_cast<int>(runs / 200) * 1s, .limit = 50});
  return 0;
}

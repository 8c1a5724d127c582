#include "report/metrics.h"

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/limits.h"
#include "report/metric_table.h"
#include "sys/file.h"
#include "tests/unit/report/samples.h"

namespace taskrun::report {
namespace {

struct FakePresent final : Present {
  std::vector<std::string> names = std::vector<std::string>(2000);  // by id; "" for none
  std::vector<std::uint32_t> generations = std::vector<std::uint32_t>(2000);
  std::size_t runs = 0;
  std::optional<WallTime> next;
  Nanos lag{};
  [[nodiscard]] std::size_t end_id() const override { return names.size(); }
  [[nodiscard]] std::optional<PresentTask> task(TaskId id) const override {
    return names[id].empty() ? std::nullopt : std::optional(PresentTask{names[id], generations[id]});
  }
  [[nodiscard]] std::size_t running(TaskId) const override { return runs; }
  [[nodiscard]] std::optional<WallTime> next_run_at(TaskId) const override { return next; }
  [[nodiscard]] Nanos loop_lag() const override { return lag; }
};

/// Metrics that are told a story and then scraped.
struct Scraped {
  std::vector<Nanos> bounds;  // none: the usual ones
  FakePresent present;
  Metrics metrics{present, bounds};

  void tell(Fact fact, WallTime time = kNoon) { metrics.record({time, std::move(fact)}); }
  [[nodiscard]] TaskRef task(const std::string& name) const {
    TaskRef ref = sample_task(name);
    ref.id = static_cast<TaskId>(std::ranges::find(present.names, name) - present.names.begin());
    ref.generation = present.generations[ref.id];
    return ref;
  }
  // It comes, and it goes; what is answered is to be told.
  TaskAdded come(const std::string& name) {
    *std::ranges::find(present.names, "") = name;
    return {task(name), kNoon};
  }
  TaskRemoved go(const std::string& name) {
    const TaskRef gone = task(name);
    present.names[gone.id] = "";
    ++present.generations[gone.id];
    return {gone};
  }
  void add(const std::string& name) { tell(come(name)); }
  void remove(const std::string& name) { tell(go(name)); }
  void end(const std::string& name, Outcome outcome, Nanos duration = 30ms, WallTime time = kNoon) {
    RunFinished event = finished(outcome, exited(0));
    event.run.task = task(name);
    event.duration = duration;
    tell(event, time);
  }
  [[nodiscard]] std::string text(MetricsFormat format = MetricsFormat::prometheus) const {
    const auto next = metrics.scrape(format);
    std::string all;
    for (std::string piece = next(); !piece.empty(); piece = next()) all += piece;
    return all;
  }
  /// The value of a series as it is spelled; "" where there is none.
  [[nodiscard]] std::string value(const std::string& series) const {
    const std::string all = "\n" + text();
    const auto at = all.find("\n" + series + " ");
    if (at == std::string::npos) return "";
    const auto begin = at + series.size() + 2;
    return all.substr(begin, all.find('\n', begin) - begin);
  }
};

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

TEST_CASE("Every series of a task is there from its first moment, with 0") {
  Scraped world;
  world.tell(RunnerStarted{});
  world.add("a");
  for (const std::string outcome : {"success", "failure", "timeout", "error", "cancelled"}) {
    CAPTURE(outcome);
    CHECK(world.value("taskrun_runs_total{task_name=\"a\",outcome=\"" + outcome + "\"}") == "0");
  }
  for (const std::string reason : {"overlap", "paused", "pool", "missed", "late", "disabled", "stopping"}) {
    CAPTURE(reason);
    CHECK(world.value("taskrun_runs_skipped_total{task_name=\"a\",reason=\"" + reason + "\"}") == "0");
  }
  for (const std::string name :
       {"task_errors_total", "task_duration_seconds_count", "task_duration_seconds_sum", "taskrun_running",
        "taskrun_last_success_timestamp_seconds", "taskrun_last_run_timestamp_seconds",
        "taskrun_next_run_timestamp_seconds", "taskrun_retries_total", "taskrun_leftovers_killed_total",
        "taskrun_output_truncated_bytes_total"}) {
    CAPTURE(name);
    CHECK(world.value(name + "{task_name=\"a\"}") == "0");
  }
  CHECK(world.value("task_duration_seconds_bucket{task_name=\"a\",le=\"0.005\"}") == "0");
  CHECK(world.value("task_duration_seconds_bucket{task_name=\"a\",le=\"3600\"}") == "0");
  CHECK(world.value("task_duration_seconds_bucket{task_name=\"a\",le=\"+Inf\"}") == "0");
  CHECK(world.value("taskrun_start_lateness_seconds_count") == "0");
}

TEST_CASE("A run is counted once, where it ends for good, by its outcome") {
  Scraped world;
  world.add("a");
  RunFinished first = finished(Outcome::failure, exited(1));
  first.run.task = world.task("a");
  first.is_final = false;
  world.tell(first);
  CHECK(world.value("task_errors_total{task_name=\"a\"}") == "0");
  CHECK(world.value("task_duration_seconds_count{task_name=\"a\"}") == "0");
  world.end("a", Outcome::success, 30ms, kNoon + 1s);
  world.end("a", Outcome::timeout, 2s, kNoon + 2s);
  CHECK(world.value("taskrun_runs_total{task_name=\"a\",outcome=\"success\"}") == "1");
  CHECK(world.value("taskrun_runs_total{task_name=\"a\",outcome=\"timeout\"}") == "1");
  CHECK(world.value("taskrun_runs_total{task_name=\"a\",outcome=\"failure\"}") == "0");
  CHECK(world.value("task_errors_total{task_name=\"a\"}") == "1");
  CHECK(world.value("task_duration_seconds_bucket{task_name=\"a\",le=\"0.025\"}") == "0");
  CHECK(world.value("task_duration_seconds_bucket{task_name=\"a\",le=\"0.05\"}") == "1");
  CHECK(world.value("task_duration_seconds_bucket{task_name=\"a\",le=\"+Inf\"}") == "2");
  CHECK(world.value("task_duration_seconds_sum{task_name=\"a\"}") == "2.03");
  CHECK(world.value("taskrun_last_success_timestamp_seconds{task_name=\"a\"}") == "1770120001.000004");
  CHECK(world.value("taskrun_last_run_timestamp_seconds{task_name=\"a\"}") == "1770120002.000004");
}

TEST_CASE("An attempt after the first is counted when it starts or cannot, not when it is announced") {
  Scraped world;
  world.add("billing");
  const auto retries = [&] { return world.value("taskrun_retries_total{task_name=\"billing\"}"); };
  const auto run = [&](int attempt) {
    RunRef ref = sample_run(attempt);
    ref.task = world.task("billing");
    return ref;
  };
  const auto end = [&](int attempt, AttemptReport report, bool is_final = false) {
    RunFinished event = finished(report.start_failure ? Outcome::error : Outcome::failure, std::move(report));
    event.run = run(attempt);
    event.is_final = is_final;
    world.tell(event);
  };
  world.tell(RunStarted{run(1), 1ms, 1});
  end(1, exited(1));
  CHECK(retries() == "0");  // it may be cancelled while it waits
  world.tell(RunStarted{run(2), 1ms, 1});
  CHECK(retries() == "1");
  end(2, exited(1));
  AttemptReport unstartable;
  unstartable.start_failure = StartFailure{"no memory", StartFailure::Kind::other};
  end(3, unstartable);
  CHECK(retries() == "2");
  end(4, AttemptReport{}, true);  // cancelled while it waited
  CHECK(retries() == "2");
  end(1, unstartable, true);  // another run
  CHECK(retries() == "2");
  CHECK(world.value("task_duration_seconds_count{task_name=\"billing\"}") == "2");
}

TEST_CASE("Failures, timeouts and what could not start are errors; what we ended ourselves is none") {
  Scraped world;
  world.add("a");
  for (const Outcome outcome : kOutcomes) world.end("a", outcome);
  CHECK(world.value("task_errors_total{task_name=\"a\"}") == "3");
  CHECK(world.value("task_duration_seconds_count{task_name=\"a\"}") == "5");
}

TEST_CASE("Skipped due times count by reason, each one where a line stands for many") {
  Scraped world;
  world.add("billing");
  RunRef run = sample_run();
  run.task = world.task("billing");
  world.tell(RunSkipped{run, SkipReason::missed, 479, {}});
  world.tell(RunSkipped{run, SkipReason::missed, 1, {}});
  for (const SkipReason reason : kSkipReasons) world.tell(RunSkipped{run, reason, 1, {}});
  CHECK(world.value("taskrun_runs_skipped_total{task_name=\"billing\",reason=\"missed\"}") == "481");
  CHECK(world.value("taskrun_runs_skipped_total{task_name=\"billing\",reason=\"stopping\"}") == "1");
}

TEST_CASE("What attempts and hooks leave behind is counted of their task") {
  Scraped world;
  world.add("billing");
  RunFinished run = finished(Outcome::failure, exited(1));
  run.run.task = world.task("billing");
  run.is_final = false;
  run.report.leftovers_killed = 2;
  run.report.truncated_bytes = 1000;
  world.tell(run);
  HookFinished hook = hooked(HookKind::on_success, Outcome::success, exited(0));
  hook.task = world.task("billing");
  hook.report.leftovers_killed = 1;
  hook.report.truncated_bytes = 1;
  world.tell(hook);
  CHECK(world.value("taskrun_leftovers_killed_total{task_name=\"billing\"}") == "3");
  CHECK(world.value("taskrun_output_truncated_bytes_total{task_name=\"billing\"}") == "1001");
}

TEST_CASE("What is now is asked when it is scraped") {
  Scraped world;
  world.add("a");
  world.present.runs = 2;
  world.present.next = kNoon;
  world.present.lag = 250ms;
  CHECK(world.value("taskrun_running{task_name=\"a\"}") == "2");
  CHECK(world.value("taskrun_next_run_timestamp_seconds{task_name=\"a\"}") == "1770120000.000004");
  CHECK(world.value("taskrun_loop_lag_seconds") == "0.25");
}

TEST_CASE("The buckets of durations are those that were asked for, also of a task that has not run") {
  Scraped world{.bounds = {1500us, 2s}};
  world.add("a");
  world.add("b");
  world.end("a", Outcome::success, 30ms);
  std::vector<std::string> buckets;
  for (const std::string& line : lines_of(world.text())) {
    if (line.starts_with("task_duration_seconds_bucket")) buckets.push_back(line.substr(line.find('{')));
  }
  CHECK(buckets == std::vector<std::string>{"{task_name=\"a\",le=\"0.0015\"} 0", "{task_name=\"a\",le=\"2\"} 1",
                                            "{task_name=\"a\",le=\"+Inf\"} 1", "{task_name=\"b\",le=\"0.0015\"} 0",
                                            "{task_name=\"b\",le=\"2\"} 0", "{task_name=\"b\",le=\"+Inf\"} 0"});
}

TEST_CASE("Lateness is of the runner") {
  Scraped world;
  world.tell(RunStarted{sample_run(), 3ms, 1});
  CHECK(world.value("taskrun_start_lateness_seconds_bucket{le=\"0.0025\"}") == "0");
  CHECK(world.value("taskrun_start_lateness_seconds_bucket{le=\"0.005\"}") == "1");
  CHECK(world.value("taskrun_start_lateness_seconds_sum") == "0.003");
}

TEST_CASE("A reload that fails is told until one succeeds, and takes no series away") {
  Scraped world;
  world.tell(RunnerStarted{});
  world.add("a");
  world.end("a", Outcome::success);
  world.tell(ManifestRejected{}, kNoon + 1s);
  CHECK(world.value("taskrun_config_last_reload_successful") == "0");
  CHECK(world.value("taskrun_config_last_reload_success_timestamp_seconds") == "1770120000.000004");
  world.tell(ManifestReloaded{}, kNoon + 2s);
  CHECK(world.value("taskrun_config_last_reload_successful") == "1");
  CHECK(world.value("taskrun_config_last_reload_success_timestamp_seconds") == "1770120002.000004");
  CHECK(world.value("taskrun_runs_total{task_name=\"a\",outcome=\"success\"}") == "1");
}

TEST_CASE("A record that cannot be written is told until it can") {
  Scraped world;
  CHECK(world.value("taskrun_history_degraded") == "0");
  world.tell(HistoryDegraded{"no space"});
  CHECK(world.value("taskrun_history_degraded") == "1");
  world.tell(HistoryRestored{});
  CHECK(world.value("taskrun_history_degraded") == "0");
}

TEST_CASE("The series of a task go with it, and one that comes by its name begins at 0") {
  Scraped world;
  world.add("a");
  world.add("b");
  world.end("a", Outcome::success);
  world.remove("a");
  CHECK(world.text().find("\"a\"") == std::string::npos);
  CHECK(world.text().find("\"b\"") != std::string::npos);
  world.add("a");
  CHECK(world.value("taskrun_runs_total{task_name=\"a\",outcome=\"success\"}") == "0");
}

TEST_CASE("A task is told once its line was, and never with what was counted of the one that had its id") {
  Scraped world;
  world.add("a");
  world.end("a", Outcome::failure);
  const auto under_way = world.metrics.scrape(MetricsFormat::prometheus);
  RunFinished late = finished(Outcome::failure, exited(1));
  late.run.task = world.task("a");
  const TaskRemoved gone = world.go("a");
  const TaskAdded come = world.come("b");  // it has the id of the other; nothing of this is told yet
  REQUIRE(come.task.id == gone.task.id);
  CHECK(world.text().find("task_name=") == std::string::npos);
  world.tell(late);
  world.tell(gone);
  CHECK(world.text().find("task_name=") == std::string::npos);
  world.tell(come);
  CHECK(world.value("task_errors_total{task_name=\"b\"}") == "0");
  world.tell(late);  // not of this one
  CHECK(world.value("task_errors_total{task_name=\"b\"}") == "0");
  world.end("b", Outcome::failure);
  CHECK(world.value("task_errors_total{task_name=\"b\"}") == "1");
  CHECK(under_way().find("task_name=") == std::string::npos);
}

TEST_CASE("A scrape under way does not tell a task that has come before its line did") {
  Scraped world;
  for (int i = 0; i < 1000; ++i) world.add("task-" + std::to_string(i));
  const auto next = world.metrics.scrape(MetricsFormat::prometheus);
  std::string all = next();
  const TaskRemoved gone = world.go("task-999");  // not told yet: it comes after many
  const TaskAdded come = world.come("new");
  all += next();
  world.tell(gone);
  world.tell(come);
  for (std::string piece = next(); !piece.empty(); piece = next()) all += piece;
  CHECK(all.find("\"new\"") == std::string::npos);
  CHECK(world.value("task_errors_total{task_name=\"new\"}") == "0");
}

TEST_CASE("A task that comes begins at 0, also where something was told of its id before") {
  Scraped world;
  world.present.names[0] = "of-a-dead-runner";
  world.end("of-a-dead-runner", Outcome::error);
  world.present.names[0] = "";
  world.add("a");
  CHECK(world.value("task_errors_total{task_name=\"a\"}") == "0");
}

TEST_CASE("Families stand as in the table, whole, and series in the order of ids") {
  Scraped world;
  for (const std::string name : {"c", "a", "b"}) world.add(name);
  std::vector<std::string> families;
  std::vector<std::string> errors;
  for (const std::string& line : lines_of(world.text())) {
    if (line.starts_with("# TYPE ")) families.push_back(line.substr(7, line.rfind(' ') - 7));
    if (line.starts_with("task_errors_total")) errors.push_back(line);
  }
  std::vector<std::string> expected;
  for (const Metric& metric : metrics()) expected.emplace_back(metric.head.name);
  CHECK(families == expected);
  CHECK(errors == std::vector<std::string>{"task_errors_total{task_name=\"c\"} 0",
                                           "task_errors_total{task_name=\"a\"} 0",
                                           "task_errors_total{task_name=\"b\"} 0"});
}

TEST_CASE("Many tasks are told in bounded pieces, each series once, though tasks come and go between them") {
  Scraped world;
  const auto name = [](int number) { return "task-" + std::to_string(10'000 + number); };
  for (int i = 0; i < 1000; ++i) world.add(name(i));
  const auto next = world.metrics.scrape(MetricsFormat::prometheus);
  std::string all;
  int pieces = 0;
  for (std::string piece = next(); !piece.empty(); piece = next()) {
    CHECK(piece.size() < limits::kControlChunk + 4096);
    all += piece;
    world.remove(name(pieces));
    world.add("new-" + name(pieces));
    world.add(name(pieces++));  // at the end, where it is not yet told
  }
  CHECK(pieces > 10);
  std::set<std::string> seen;
  std::size_t stayed = 0;
  for (const std::string& line : lines_of(all)) {
    CHECK(seen.insert(line.front() == '#' ? line : line.substr(0, line.rfind(' '))).second);
    if (line.starts_with("taskrun_retries_total{task_name=\"" + name(999) + "\"} ")) ++stayed;
  }
  CHECK(stayed == 1);
  CHECK(all.find("new-") == std::string::npos);
  CHECK(world.text().find("new-") != std::string::npos);
  CHECK(next().empty());
}

TEST_CASE("OpenMetrics names a counter's family without its suffix, spells bounds as numbers, and ends") {
  Scraped world;
  world.add("a");
  const std::string text = world.text(MetricsFormat::openmetrics);
  CHECK(text.find("# TYPE task_errors counter\ntask_errors_total{task_name=\"a\"} 0\n") != std::string::npos);
  CHECK(text.find("{task_name=\"a\",le=\"1.0\"} 0\n") != std::string::npos);
  CHECK(text.find("# TYPE process_cpu_seconds counter\nprocess_cpu_seconds_total ") != std::string::npos);
  CHECK(text.ends_with("\n# EOF\n"));
  CHECK(world.text().find("# EOF") == std::string::npos);
}

TEST_CASE("The value of a label cannot leave its quotes") {
  MetricsText text(MetricsFormat::prometheus);
  text.begin({"x", MetricType::gauge, "y"});
  text.value({{"a", "1\"} 2\n\\"}}, 1);
  CHECK(text.take() == "# HELP x y\n# TYPE x gauge\nx{a=\"1\\\"} 2\\n\\\\\"} 1\n");
}

TEST_CASE("A scrape tells of this process") {
  Scraped world;
  CHECK(std::stod(world.value("process_resident_memory_bytes")) > 1e6);
  CHECK(std::stod(world.value("process_virtual_memory_bytes")) > 1e6);
  CHECK(std::stod(world.value("process_open_fds")) >= 1);
  CHECK(std::stod(world.value("process_max_fds")) >= std::stod(world.value("process_open_fds")));
  CHECK(std::stod(world.value("process_start_time_seconds")) > 1.7e9);
  CHECK(world.value("taskrun_build_info{version=\"" TASKRUN_VERSION "\"}") == "1");
}

TEST_CASE("docs/metrics.md holds the table") {
  const char* data = std::getenv("TASKRUN_TEST_DATA");
  REQUIRE(data != nullptr);
  const auto text = sys::read_file(std::string(data) + "/../../docs/metrics.md", mebibytes(1));
  REQUIRE(text);
  CHECK(text->find(metrics_reference()) != std::string::npos);
}

}  // namespace
}  // namespace taskrun::report

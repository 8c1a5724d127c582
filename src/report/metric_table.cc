#include "report/metric_table.h"

#include <array>
#include <chrono>
#include <limits>

#include <fmt/format.h>

namespace taskrun::report {
namespace {

constexpr std::string_view kTask = "task_name";

double seconds(Nanos duration) { return std::chrono::duration<double>(duration).count(); }

// Families that are one number of a task, or of the runner.
template <auto Member>
void number_of_task(const TaskSample& sample, MetricsText& text) {
  text.value({{kTask, sample.task}}, (sample.series.*Member).Value());
}

template <auto Member>
void number_of_runner(const RunnerSample& sample, MetricsText& text) {
  text.value({}, (sample.series.*Member).Value());
}

template <auto Member>
void number_of_process(const RunnerSample& sample, MetricsText& text) {
  text.value({}, static_cast<double>(sample.own.*Member));
}

// The others.
void durations(const TaskSample& sample, MetricsText& text) {
  text.histogram({{kTask, sample.task}}, sample.series.duration.Collect().histogram);
}

void runs(const TaskSample& sample, MetricsText& text) {
  for (std::size_t i = 0; i < kOutcomes.size(); ++i) {
    text.value({{kTask, sample.task}, {"outcome", to_word(kOutcomes[i])}}, sample.series.runs[i].Value());
  }
}

void skipped_runs(const TaskSample& sample, MetricsText& text) {
  for (std::size_t i = 0; i < kSkipReasons.size(); ++i) {
    text.value({{kTask, sample.task}, {"reason", to_word(kSkipReasons[i])}}, sample.series.skipped[i].Value());
  }
}

void running(const TaskSample& sample, MetricsText& text) {
  text.value({{kTask, sample.task}}, static_cast<double>(sample.present.running(sample.id)));
}

void next_run(const TaskSample& sample, MetricsText& text) {
  const auto next = sample.present.next_run_at(sample.id);
  text.value({{kTask, sample.task}}, next ? seconds(next->time_since_epoch()) : 0);
}

void lateness(const RunnerSample& sample, MetricsText& text) {
  text.histogram({}, sample.series.lateness.Collect().histogram);
}

void loop_lag(const RunnerSample& sample, MetricsText& text) { text.value({}, seconds(sample.present.loop_lag())); }

void build(const RunnerSample&, MetricsText& text) { text.value({{"version", TASKRUN_VERSION}}, 1); }

constexpr auto kCounter = MetricType::counter;
constexpr auto kGauge = MetricType::gauge;
constexpr auto kHistogram = MetricType::histogram;

using Own = sys::OwnResources;

constexpr std::array kMetrics{
    Metric{{"task_duration_seconds", kHistogram,
            "How long runs took: the duration_ms of each final run_finished, about 0 without a process"},
           kTask,
           nullptr,
           durations},
    Metric{{"task_errors_total", kCounter, "Runs that ended with outcome failure, timeout or error"},
           kTask,
           nullptr,
           number_of_task<&TaskSeries::errors>},
    Metric{{"taskrun_runs_total", kCounter, "Runs that have ended, by outcome"}, "task_name, outcome", nullptr, runs},
    Metric{{"taskrun_runs_skipped_total", kCounter, "Due times that did not run, by reason"},
           "task_name, reason",
           nullptr,
           skipped_runs},
    Metric{{"taskrun_running", kGauge, "Runs that have begun and not ended"}, kTask, nullptr, running},
    Metric{{"taskrun_last_success_timestamp_seconds", kGauge, "When a run last ended with success; 0: none yet"},
           kTask,
           nullptr,
           number_of_task<&TaskSeries::last_success>},
    Metric{{"taskrun_last_run_timestamp_seconds", kGauge, "When a run last ended, however it did; 0: none yet"},
           kTask,
           nullptr,
           number_of_task<&TaskSeries::last_run>},
    Metric{{"taskrun_next_run_timestamp_seconds", kGauge, "When the task is due next; 0: it is not"},
           kTask,
           nullptr,
           next_run},
    Metric{
        {"taskrun_retries_total", kCounter, "Attempts after the first of a run, each when it starts or cannot start"},
        kTask,
        nullptr,
        number_of_task<&TaskSeries::retries>},
    Metric{{"taskrun_leftovers_killed_total", kCounter, "Processes that outlived a main process and were ended"},
           kTask,
           nullptr,
           number_of_task<&TaskSeries::leftovers_killed>},
    Metric{{"taskrun_output_truncated_bytes_total", kCounter, "Bytes of output that were left out"},
           kTask,
           nullptr,
           number_of_task<&TaskSeries::truncated_bytes>},
    Metric{{"taskrun_start_lateness_seconds", kHistogram, "How long after their due times runs started, of all tasks"},
           "",
           lateness,
           nullptr},
    Metric{{"taskrun_config_last_reload_successful", kGauge, "1 where the manifest read last is in force, else 0"},
           "",
           number_of_runner<&RunnerSeries::reload_succeeded>,
           nullptr},
    Metric{{"taskrun_config_last_reload_success_timestamp_seconds", kGauge, "When the manifest came into force"},
           "",
           number_of_runner<&RunnerSeries::reload_succeeded_at>,
           nullptr},
    Metric{{"taskrun_loop_lag_seconds", kGauge, "How late the loop has been in the last half minute or minute"},
           "",
           loop_lag,
           nullptr},
    Metric{
        {"taskrun_history_degraded", kGauge, "1 while what happens is not recorded on disk though it should, else 0"},
        "",
        number_of_runner<&RunnerSeries::history_degraded>,
        nullptr},
    Metric{{"taskrun_build_info", kGauge, "Always 1; the version is a label"}, "version", build, nullptr},
    Metric{{"process_cpu_seconds_total", kCounter, "User and system time of the daemon"},
           "",
           number_of_process<&Own::cpu_seconds>,
           nullptr},
    Metric{{"process_resident_memory_bytes", kGauge, "Memory of the daemon"},
           "",
           number_of_process<&Own::resident_bytes>,
           nullptr},
    Metric{{"process_virtual_memory_bytes", kGauge, "Address space of the daemon"},
           "",
           number_of_process<&Own::virtual_bytes>,
           nullptr},
    Metric{{"process_open_fds", kGauge, "Descriptors that the daemon has open"},
           "",
           number_of_process<&Own::open_descriptors>,
           nullptr},
    Metric{{"process_max_fds", kGauge, "Descriptors that the daemon may have open"},
           "",
           number_of_process<&Own::max_descriptors>,
           nullptr},
    Metric{{"process_start_time_seconds", kGauge, "When the daemon was started"},
           "",
           number_of_process<&Own::started_at>,
           nullptr},
};

}  // namespace

std::span<const Metric> metrics() { return kMetrics; }

std::string metrics_reference() {
  std::string out = "| metric | type | labels | meaning |\n|---|---|---|---|\n";
  for (const Metric& metric : metrics()) {
    out += fmt::format("| `{}` | {} | {} | {} |\n", metric.head.name, to_word(metric.head.type), metric.labels,
                       metric.head.help);
  }
  return out;
}

}  // namespace taskrun::report

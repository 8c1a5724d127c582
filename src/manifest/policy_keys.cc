// The tables of the objects within a task: retry, output, limits.

#include "base/limits.h"
#include "manifest/draft.h"
#include "manifest/schema.h"

namespace taskrun::manifest {
namespace {

using namespace std::chrono_literals;

constexpr IntegerRange kAttempts{1, limits::kRetryAttempts};
constexpr IntegerRange kCount{1};
constexpr RealRange kBackoff{1, 1000};
constexpr RealRange kShare{0, 1};
constexpr std::array kRetryOn{Outcome::failure, Outcome::timeout, Outcome::error};

void read_outcomes(const Value& value, RetryPolicy& retry) {
  std::vector<Outcome> on;
  for (const Value& item : value.items("an array of outcomes")) {
    if (const std::optional<Outcome> outcome = item.one_of(kRetryOn)) on.push_back(*outcome);
  }
  retry.on = std::move(on);
}

constexpr std::array<Key<RetryPolicy>, 6> kRetryKeys{{
    {"attempts", "integer from 1", "`1`", "how often a run is tried in all",
     [](const Value& v, RetryPolicy& retry) {
       if (const auto attempts = v.integer(kAttempts)) retry.attempts = static_cast<int>(*attempts);
     },
     schema::integer<kAttempts>},
    {"delay", "duration", "`1s`", "the wait before attempt 2",
     [](const Value& v, RetryPolicy& retry) { keep(v.duration(0s), retry.delay); }, schema::duration},
    {"backoff", "number from 1", "`2`", "each further wait is this many times the one before",
     [](const Value& v, RetryPolicy& retry) { keep(v.real(kBackoff), retry.backoff); }, schema::real<kBackoff>},
    {"max_delay", "duration", "`5m`", "no wait is longer",
     [](const Value& v, RetryPolicy& retry) { keep(v.duration(0s), retry.max_delay); }, schema::duration},
    {"jitter", "number from 0 to 1", "`0.1`", "each wait is made up to this share longer or shorter, by chance",
     [](const Value& v, RetryPolicy& retry) { keep(v.real(kShare), retry.jitter); }, schema::real<kShare>},
    {"on", "array of outcomes", R"(`["failure", "timeout", "error"]`)", "the outcomes after which it is tried again",
     read_outcomes, [] { return schema::array_of(schema::one_of<kRetryOn>()); }},
}};

constexpr std::array<Key<OutputPolicy>, 2> kOutputKeys{{
    {"mode", "`tail`, `lines`, `raw` or `none`", "`\"tail\"`",
     "`tail`: the last bytes of stdout and stderr in `run_finished`; `lines`: each line is a `run_output` event; "
     "`raw`: "
     "passed through to the runner's stderr; `none`: thrown away",
     [](const Value& v, OutputPolicy& output) { keep(v.one_of(kOutputModes), output.mode); },
     schema::one_of<kOutputModes>},
    {"limit", "size up to `1MiB`", "`\"4KiB\"`", "how much of each stream `tail` keeps",
     [](const Value& v, OutputPolicy& output) { keep(v.size(limits::kOutputTail), output.limit); }, schema::size},
}};

constexpr std::array kGaps{DstPolicy::Gap::run, DstPolicy::Gap::skip};
constexpr std::array kRepetitions{DstPolicy::Overlap::once, DstPolicy::Overlap::twice};

constexpr std::array<Key<DstPolicy>, 2> kDstKeys{{
    {"gap", "`run` or `skip`", "`\"run\"`",
     "a time that the clock skips: `run` once, right after the gap (nothing after one of 3 hours or more), or `skip` "
     "it",
     [](const Value& v, DstPolicy& dst) { keep(v.one_of(kGaps), dst.gap); }, schema::one_of<kGaps>},
    {"overlap", "`once` or `twice`", "`\"once\"`",
     "a time that the clock shows twice: run at the first only, or at both",
     [](const Value& v, DstPolicy& dst) { keep(v.one_of(kRepetitions), dst.overlap); }, schema::one_of<kRepetitions>},
}};

void read_count(const Value& value, std::optional<std::uint64_t>& field) {
  if (const auto count = value.integer(kCount)) field = static_cast<std::uint64_t>(*count);
}

constexpr std::array<Key<ResourceLimits>, 6> kLimitsKeys{{
    {"open_files", "integer from 1", "", "open descriptors of a process (`RLIMIT_NOFILE`)",
     [](const Value& v, ResourceLimits& limits) { read_count(v, limits.open_files); }, schema::integer<kCount>},
    {"processes", "integer from 1", "",
     "processes and threads: of the run where it has a control group (`pids.max`), else of the task's user "
     "(`RLIMIT_NPROC`)",
     [](const Value& v, ResourceLimits& limits) { read_count(v, limits.processes); }, schema::integer<kCount>},
    {"memory", "size", "",
     "of the run where it has a control group (`memory.max`), else address space of a process (`RLIMIT_AS`)",
     [](const Value& v, ResourceLimits& limits) { keep(v.size(), limits.memory); }, schema::size},
    {"cpu", "duration ≥ `1s`", "", "processor time of a process (`RLIMIT_CPU`), up to a whole second",
     [](const Value& v, ResourceLimits& limits) { keep(v.duration(1s), limits.cpu); }, schema::duration},
    {"file_size", "size", "", "largest file that it may write (`RLIMIT_FSIZE`)",
     [](const Value& v, ResourceLimits& limits) { keep(v.size(), limits.file_size); }, schema::size},
    {"core", "size", "", "largest core dump (`RLIMIT_CORE`)",
     [](const Value& v, ResourceLimits& limits) { keep(v.size(), limits.core); }, schema::size},
}};

}  // namespace

std::span<const Key<RetryPolicy>> retry_keys() { return kRetryKeys; }
std::span<const Key<OutputPolicy>> output_keys() { return kOutputKeys; }
std::span<const Key<ResourceLimits>> limits_keys() { return kLimitsKeys; }
std::span<const Key<DstPolicy>> dst_keys() { return kDstKeys; }

}  // namespace taskrun::manifest

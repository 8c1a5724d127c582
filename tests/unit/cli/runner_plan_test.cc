#include "cli/runner_plan.h"

#include <doctest/doctest.h>

#include "base/text.h"
#include "cli/exit_codes.h"
#include "cli/instance_name.h"

using namespace taskrun;
using namespace taskrun::cli;
using namespace std::chrono_literals;

namespace {

TaskSpecPtr task(std::string name, bool enabled, std::vector<std::string> tags = {}) {
  TaskPolicy policy;
  policy.enabled = enabled;
  policy.tags = std::move(tags);
  return std::make_shared<TaskSpec>(
      TaskSpec{std::move(name), ShellText{"true"}, OnRequest{}, std::make_shared<TaskPolicy>(std::move(policy))});
}

ManifestReading accounts() {
  ManifestReading reading;
  reading.path = "/etc/accounts.json";
  reading.manifest.name = "accounts";
  reading.manifest.stop_timeout = 20s;
  reading.manifest.max_parallel = 7;
  reading.manifest.tasks = {task("billing", true, {"nightly"}), task("report", true), task("old", false, {"nightly"}),
                            task("older", false, {"rare"})};
  return reading;
}

using Words = std::vector<std::string>;

// The names of the tasks that would run, or the exit code and the message.
std::string told(const RunnerPlan& plan) {
  if (const auto* const refusal = std::get_if<Refusal>(&plan)) {
    return std::to_string(refusal->exit_code) + " " + refusal->message;
  }
  std::string out;
  for (const TaskSpecPtr& spec : std::get<daemon::Options>(plan).manifest.tasks) {
    out += (out.empty() ? "" : " ") + spec->name + (spec->policy->enabled ? "" : "(disabled)");
  }
  return out;
}

std::string once(Words tasks, Words tags = {}, bool all = false, bool force = false) {
  OnceOptions options;
  options.tasks = std::move(tasks);
  options.tags = std::move(tags);
  options.all = all;
  options.force = force;
  return told(plan(options, accounts()));
}

std::string start(Words only, Words tags = {}) {
  StartOptions options;
  options.only = std::move(only);
  options.tags = std::move(tags);
  return told(plan(options, accounts()));
}

std::string named(std::string path, std::string manifest_name = "", const std::string& asked = "") {
  ManifestReading reading;
  reading.path = std::move(path);
  reading.manifest.name = std::move(manifest_name);
  return instance_name(asked, reading);
}

}  // namespace

TEST_CASE("start takes every task, or those asked for") {
  CHECK(start({}) == "billing report old(disabled) older(disabled)");
  CHECK(start({"report"}) == "report");
  CHECK(start({}, {"nightly"}) == "billing old(disabled)");
  CHECK(start({"reprot"}) == "78 unknown task 'reprot': did you mean \"report\"?");
  CHECK(start({}, {"none"}) == "78 no task has the tag 'none'");
}

TEST_CASE("state is kept somewhere or nowhere, not both") {
  StartOptions options;
  options.state = "/s";
  options.no_state = true;
  CHECK(told(plan(options, accounts())) == "2 --state and --no-state exclude each other");
}

TEST_CASE("a name for a port that there is not is a mistake") {
  StartOptions options;
  options.http_hosts.list = {"node-1"};
  CHECK(told(plan(options, accounts())) == "2 --http-host needs --http");
}

TEST_CASE("start passes its flags on") {
  StartOptions options;
  options.run_for = 3s;
  options.http = sys::TcpAddress{.port = 1};
  options.http_hosts.list = {"node-1"};
  options.metrics_buckets.list = {1s};
  options.fail_on_error = true;
  options.runner.stop_timeout = 1s;
  options.runner.events = report::EventFilter::results;
  options.runner.on_stdout_closed = daemon::OnStdoutClosed::keep_on;
  const auto planned = std::get<daemon::Options>(plan(options, accounts()));
  CHECK(planned.run_for == 3s);
  CHECK(planned.http->text() == "127.0.0.1:1");
  CHECK(planned.http_hosts == Words{"node-1"});
  CHECK(planned.duration_bounds == std::vector<Nanos>{1s});
  CHECK(planned.fail_on_error);
  CHECK(planned.manifest.stop_timeout == 1s);
  CHECK(planned.manifest.max_parallel == 7);
  CHECK(planned.events == report::EventFilter::results);
  CHECK(planned.on_stdout_closed == daemon::OnStdoutClosed::keep_on);
  CHECK(planned.instance == "accounts");
  CHECK_FALSE(planned.once);
  CHECK_FALSE(planned.tee);
}

TEST_CASE("the manifest's stop_timeout holds where no flag says otherwise") {
  CHECK(std::get<daemon::Options>(plan(StartOptions{}, accounts())).manifest.stop_timeout == 20s);
}

TEST_CASE("once runs what is named, in that order") {
  CHECK(once({"report", "billing"}) == "report billing");
  CHECK(once({"biling"}) == "78 unknown task 'biling': did you mean \"billing\"?");
}

TEST_CASE("once wants to know what, and not twice") {
  CHECK(once({}) == "2 which task? Name one, or use --tag or --all\nsee 'taskrun once --help'");
  CHECK(once({"report"}, {}, true) == "2 --all is every task: it goes with no TASK and no --tag");
  CHECK(once({}, {"nightly"}, true) == "2 --all is every task: it goes with no TASK and no --tag");
}

TEST_CASE("once of a disabled task is refused, unless forced") {
  CHECK(once({"billing", "old"}) == "75 task 'old' is disabled (--force runs it)");
  CHECK(once({"billing", "old"}, {}, false, true) == "billing old");
}

TEST_CASE("all and tags leave disabled tasks out, unless forced") {
  CHECK(once({}, {}, true) == "billing report");
  CHECK(once({}, {"nightly"}) == "billing");
  CHECK(once({}, {"rare"}) == "75 every task meant is disabled (--force runs them)");
  CHECK(once({}, {}, true, true) == "billing report old older");
}

TEST_CASE("a result file that could not be written is refused before anything runs") {
  OnceOptions options;
  options.tasks = {"billing"};
  options.result_file = "/no/such\x1b/place";
  CHECK(told(plan(options, accounts())) == "73 cannot write '/no/such\\u{001b}/place': No such file or directory");
}

TEST_CASE("once does not wait for a task's jitter") {
  ManifestReading reading = accounts();
  TaskPolicy policy = *reading.manifest.tasks.front()->policy;
  policy.jitter = 1h;
  auto spec = std::make_shared<TaskSpec>(*reading.manifest.tasks.front());
  spec->policy = std::make_shared<TaskPolicy>(policy);
  reading.manifest.tasks.front() = spec;
  OnceOptions options;
  options.tasks = {"billing"};
  const auto planned = std::get<daemon::Options>(plan(options, std::move(reading)));
  CHECK(planned.manifest.tasks.front()->policy->jitter == 0s);
  CHECK(planned.manifest.tasks.front()->policy->tags == Words{"nightly"});
}

TEST_CASE("once passes its flags on") {
  OnceOptions options;
  options.tasks = {"billing"};
  options.jobs = 3;
  options.result_file = "r";
  auto planned = std::get<daemon::Options>(plan(options, accounts()));
  CHECK(planned.once);
  CHECK(planned.tee);
  CHECK(planned.result_file == "r");
  CHECK(planned.manifest.max_parallel == 3);
  options.quiet = true;
  CHECK_FALSE(std::get<daemon::Options>(plan(options, accounts())).tee);
}

TEST_CASE("an instance is named by flag, manifest, or file") {
  CHECK(named("/a/jobs.json", "accounts", "mine") == "mine");
  CHECK(named("/a/jobs.json", "accounts") == "accounts");
  CHECK(named("/a/jobs.json").starts_with("jobs-"));
  CHECK(named("/a/jobs.json").size() == 13);
  CHECK(named("/a/jobs.json") == named("/a/jobs.json"));
  CHECK(named("/a/jobs.json") != named("/b/jobs.json"));
  CHECK(named("").starts_with("stdin-"));
}

TEST_CASE("whatever the file is called, the instance has a name") {
  for (const std::string& path :
       std::vector<std::string>{"/a/ä b\x1b.json", "/a/.json", "/a/-x.json", "/" + std::string(200, 'x')}) {
    CAPTURE(path);
    CHECK(is_name(named(path)));
  }
}

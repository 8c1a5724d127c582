#include "cli/parse.h"

#include <algorithm>
#include <vector>

#include <doctest/doctest.h>

#include "cli/command.h"

using namespace taskrun;
using namespace taskrun::cli;
using namespace std::chrono_literals;

namespace {

Invocation read(std::vector<const char*> arguments) { return parse(arguments); }

template <class Options>
Options read_as(std::vector<const char*> arguments) {
  const Invocation invocation = read(std::move(arguments));
  if (const auto* const mistake = std::get_if<UsageMistake>(&invocation)) FAIL(mistake->text);
  REQUIRE(std::holds_alternative<Options>(invocation));
  return std::get<Options>(invocation);
}

// The first line of what is said about a wrong command line.
std::string wrong(std::vector<const char*> arguments) {
  const Invocation invocation = read(std::move(arguments));
  REQUIRE(std::holds_alternative<UsageMistake>(invocation));
  const std::string& text = std::get<UsageMistake>(invocation).text;
  return text.substr(0, text.find('\n'));
}

using Words = std::vector<std::string>;

}  // namespace

TEST_CASE("without flags every option has its default") {
  const auto start = read_as<StartOptions>({"start"});
  CHECK_FALSE(start.runner.manifest.path);
  CHECK(start.runner.manifest.limit == limits::kManifestSize);
  CHECK(start.runner.events == report::EventFilter::all);
  CHECK(start.runner.on_stdout_closed == daemon::OnStdoutClosed::stop);
  CHECK_FALSE(start.runner.stop_timeout);
  CHECK_FALSE(start.run_for);
  CHECK_FALSE(start.fail_on_error);
  CHECK(read_as<OnceOptions>({"once"}).jobs == 1);
  CHECK(read_as<InitOptions>({"init"}).path == "taskrun.json");
  CHECK(read_as<SchemaOptions>({"schema"}).of == SchemaChoice::manifest);
}

TEST_CASE("help is given however it is asked for") {
  const auto text = [](std::vector<const char*> arguments) { return read_as<ShowText>(std::move(arguments)).text; };
  CHECK(text({"help"}) == text({"--help"}));
  CHECK(text({"help", "--all"}) == text({"--help"}));
  CHECK(text({"help", "stop"}) == text({"stop", "--help"}));
  CHECK(wrong({"help", "strat"}) == "taskrun: unknown command 'strat': did you mean \"start\"?");
}

TEST_CASE("one task at most is named to history") {
  CHECK(read_as<HistoryOptions>({"history", "a", "--task", "a"}).task == "a");
  CHECK(wrong({"history", "a", "--task", "b"}).ends_with("one task at most can be named"));
  CHECK(wrong({"history", "--task", "a", "--task", "b"}).ends_with("one task at most can be named"));
}

TEST_CASE("every flag of start is read") {
  const auto start = read_as<StartOptions>({"start",
                                            "m.json",
                                            "--for",
                                            "1m30s",
                                            "--only",
                                            "a,b",
                                            "--only",
                                            "c",
                                            "--tag=t",
                                            "--events",
                                            "results",
                                            "--fail-on-error",
                                            "--stop-timeout",
                                            "0s",
                                            "--on-stdout-closed",
                                            "continue",
                                            "--containment",
                                            "subreaper",
                                            "--instance",
                                            "one",
                                            "--state",
                                            "/s",
                                            "--no-state",
                                            "--manifest-limit",
                                            "1MiB"});
  CHECK(start.runner.manifest.path == "m.json");
  CHECK(start.run_for == 90s);
  CHECK(start.only == Words{"a", "b", "c"});
  CHECK(start.tags == Words{"t"});
  CHECK(start.runner.events == report::EventFilter::results);
  CHECK(start.fail_on_error);
  CHECK(start.runner.stop_timeout == 0s);
  CHECK(start.runner.on_stdout_closed == daemon::OnStdoutClosed::keep_on);
  CHECK(start.runner.containment == process::ContainmentChoice::subreaper);
  CHECK(start.instance.text == "one");
  CHECK(start.state == "/s");
  CHECK(start.no_state);
  CHECK(start.runner.manifest.limit == mebibytes(1));
}

TEST_CASE("where metrics are told, and with which buckets, is read") {
  const auto start = read_as<StartOptions>({"start", "--http", "[::1]:0", "--http-host", "a,b", "--metrics-buckets",
                                            "9s", "--metrics-buckets", "5ms,1.5s,1h"});
  REQUIRE(start.http.has_value());
  CHECK(start.http->text() == "[::1]:0");
  CHECK(start.http_hosts.list == Words{"a", "b"});
  CHECK(start.metrics_buckets.list == std::vector<Nanos>{5ms, 1500ms, 1h});
  CHECK(read_as<StartOptions>({"start", "--http", "9464"}).http->text() == "127.0.0.1:9464");
  CHECK_FALSE(read_as<StartOptions>({"start"}).http);
  CHECK(read_as<StartOptions>({"start"}).metrics_buckets.list.empty());
  CHECK(wrong({"start", "--http", "9464x"}).starts_with("taskrun start: --http: '9464x' is no address: "));
  CHECK(wrong({"once", "--http", "9464"}).starts_with("taskrun once: unknown flag '--http'"));
}

TEST_CASE("what cannot be the name of a host is refused, and one with a port told without it") {
  const auto told = [](const std::string& text) { return wrong({"start", "--http-host", text.c_str()}); };
  const std::string prefix = "taskrun start: --http-host: ";
  CHECK(told("a,node-1:9464") == prefix + "'node-1:9464' is not the name of a host (without the port: node-1)");
  CHECK(told("[::1]:80") == prefix + "'[::1]:80' is not the name of a host (without the port: ::1)");
  CHECK(told("[::1]") == prefix + "'[::1]' is not the name of a host (without the brackets: ::1)");
  CHECK(told("*") == prefix + "'*' is not the name of a host: letters, digits and . _ -");
  for (const char* text :
       {"x y", "*.example.org", ":80", "a:b:c", "http://a", "a/b", "a@b", ".", "a..b", "\xc3\xa4", "*:80"}) {
    CAPTURE(text);
    CHECK(told(text).ends_with("is not the name of a host: letters, digits and . _ -"));
  }
  CHECK(told("a,") == prefix + "a name is empty");
  const auto start =
      read_as<StartOptions>({"start", "--http-host", "Node_1.example.org.,10.0.0.1", "--http-host", "fe80::1"});
  CHECK(start.http_hosts.list == Words{"Node_1.example.org.", "10.0.0.1", "fe80::1"});
}

TEST_CASE("buckets that do not ascend are no buckets") {
  const auto told = [](const std::string& text) { return wrong({"start", "--metrics-buckets", text.c_str()}); };
  const std::string prefix = "taskrun start: --metrics-buckets: ";
  CHECK(told("1s,1s") == prefix + "'1s' is not longer than 1s: bounds ascend");
  CHECK(told("1m,1s") == prefix + "'1s' is not longer than 1m: bounds ascend");
  CHECK(told("9360000s,9360000000000001ns") ==
        prefix + "'9360000000000001ns' is as a number of seconds no other than 108d8h: bounds ascend");
  CHECK(told("0s") == prefix + "'0s' is not longer than 0s: bounds ascend");
  CHECK(told("-1s,1s") == prefix + "'-1s' is not longer than 0s: bounds ascend");
  for (const char* text : {"1s,", ",", "1", "soon", "1s;2s", "1s, 2s"}) {
    CAPTURE(text);
    CHECK(told(text).starts_with(prefix));
  }
  std::string many = "1s";
  for (int bound = 2; bound <= 50; ++bound) many += "," + std::to_string(bound) + "s";
  CHECK(read_as<StartOptions>({"start", "--metrics-buckets", many.c_str()}).metrics_buckets.list.size() == 50);
  CHECK(told(many + ",51s") == prefix + "more than 50 bounds");
}

TEST_CASE("every flag of once is read, among its tasks") {
  const auto once = read_as<OnceOptions>({"once", "a", "-m", "m.json", "b", "--jobs", "3", "--force", "--quiet",
                                          "--result-file", "r", "--tag", "x", "--all", "--events=all", "--stop-timeout",
                                          "1s", "--containment=cgroup", "c"});
  CHECK(once.tasks == Words{"a", "b", "c"});
  CHECK(once.runner.manifest.path == "m.json");
  CHECK(once.jobs == 3);
  CHECK(once.force);
  CHECK(once.quiet);
  CHECK(once.all);
  CHECK(once.result_file == "r");
  CHECK(once.tags == Words{"x"});
  CHECK(once.runner.containment == process::ContainmentChoice::cgroup);
  CHECK(read_as<OnceOptions>({"once", "--manifest=x"}).runner.manifest.path == "x");
}

TEST_CASE("the flags of the answering commands are read") {
  CHECK(read_as<CheckOptions>({"check", "-", "--json"}).manifest.path == "-");
  CHECK(read_as<CheckOptions>({"check", "--json", "x"}).json);
  CHECK(read_as<ListOptions>({"list", "--tag", "a,b"}).tags == Words{"a", "b"});
  CHECK(read_as<InitOptions>({"init", "--force", "f"}).force);
  CHECK(read_as<SchemaOptions>({"schema", "event"}).of == SchemaChoice::event);
  CHECK(read_as<SchemaOptions>({"schema", "control"}).of == SchemaChoice::control);
  CHECK(read_as<BuiltinsOptions>({"builtins", "http", "--json"}).name == "http");
  CHECK(read_as<ExecBuiltinOptions>({"exec-builtin", "http"}).name == "http");
}

TEST_CASE("of a flag given twice the last counts") {
  CHECK(read_as<StartOptions>({"start", "--for", "1s", "--for", "2s"}).run_for == 2s);
}

TEST_CASE("after two dashes nothing is a flag") {
  CHECK(read_as<CheckOptions>({"check", "--", "--json"}).manifest.path == "--json");
  CHECK(read_as<OnceOptions>({"once", "--", "--all", "a"}).tasks == Words{"--all", "a"});
  CHECK(read_as<CheckOptions>({"check", "--"}).manifest.path == std::nullopt);
}

TEST_CASE("a wrong command line says what is wrong and what is near") {
  CHECK(wrong({"strat"}) == "taskrun: unknown command 'strat': did you mean \"start\"?");
  CHECK(wrong({"exec-builtn"}) == "taskrun: unknown command 'exec-builtn'");
  CHECK(wrong({"jobs.json"}) == "taskrun: 'jobs.json' is not a command: did you mean \"taskrun start jobs.json\"?");
  CHECK(wrong({""}) == "taskrun: unknown command ''");
  CHECK(wrong({"--verison"}) == "taskrun: unknown flag '--verison': did you mean \"--version\"?");
  CHECK(wrong({"start", "--fro", "3s"}) == "taskrun start: unknown flag '--fro': did you mean \"--for\"?");
  CHECK(wrong({"start", "--evnts=all"}) == "taskrun start: unknown flag '--evnts': did you mean \"--events\"?");
  CHECK(wrong({"start", "-x"}) == "taskrun start: unknown flag '-x'");
  CHECK(wrong({"start", "a", "b"}) == "taskrun start: unexpected argument 'b'");
  CHECK(wrong({"check", "a", "--", "--b"}) == "taskrun check: unexpected argument '--b'");
  CHECK(wrong({"start", "--for"}) == "taskrun start: --for needs a value: DURATION");
  CHECK(wrong({"once", "a", "-m"}) == "taskrun once: --manifest needs a value: FILE");
  CHECK(wrong({"check", "--json=no"}) == "taskrun check: --json takes no value");
  CHECK(wrong({"add", "x", "--"}) == "taskrun add: COMMAND is missing after --");
  CHECK(wrong({"exec-builtin"}) == "taskrun exec-builtin: BUILTIN is missing");
}

TEST_CASE("a value that is none says so") {
  CHECK(wrong({"start", "--for", "30"}) ==
        R"(taskrun start: --for: "30" is not a duration: the unit is missing (write "30s"))");
  CHECK(wrong({"start", "--stop-timeout", "-1s"}) == "taskrun start: --stop-timeout: '-1s' is negative");
  CHECK(wrong({"start", "--events", "result"}) ==
        "taskrun start: --events: 'result' is not one of all, results: did you mean \"results\"?");
  CHECK(wrong({"start", "--only", "a,,b"}) == "taskrun start: --only: a name is empty");
  CHECK(wrong({"start", "--instance", ""}) == "taskrun start: --instance: the value is empty");
  CHECK(wrong({"start", "--instance", "a b"}) ==
        "taskrun start: --instance: 'a b' is not a name: letters, digits and . _ - (at most 64)");
  CHECK(wrong({"once", "--jobs", "0"}) == "taskrun once: --jobs: '0' is not a number from 1 to 1000000");
  CHECK(wrong({"once", "--jobs", "2x"}) == "taskrun once: --jobs: '2x' is not a number from 1 to 1000000");
  CHECK(wrong({"once", "--jobs", "99999999999"}) ==
        "taskrun once: --jobs: '99999999999' is not a number from 1 to 1000000");
  CHECK(wrong({"check", "--manifest-limit", "big"})
            .starts_with("taskrun check: --manifest-limit: \"big\" is not a size"));
  CHECK(wrong({"check", ""}) == "taskrun check: the value is empty");
  CHECK(wrong({"schema", "evnt"}) ==
        "taskrun schema: 'evnt' is not one of manifest, event, control: did you mean \"event\"?");
}

TEST_CASE("a usage mistake ends by pointing to the help") {
  const auto text = [](std::vector<const char*> arguments) { return std::get<UsageMistake>(read(arguments)).text; };
  CHECK(text({"start", "--x"}) == "taskrun start: unknown flag '--x'\nsee 'taskrun start --help'\n");
  CHECK(text({"x"}) == "taskrun: unknown command 'x'\nsee 'taskrun --help'\n");
}

TEST_CASE("control characters of the command line are not echoed") {
  for (const std::string& said :
       {wrong({"a\x1b[2J"}), wrong({"start", "--a\x1b[2J"}), wrong({"start", "a", "b\x1b[2J"}),
        wrong({"start", "--for", "\x1b[2J"}), wrong({"start", "--events", "\x1b[2J"})}) {
    CHECK(said.find('\x1b') == std::string::npos);
  }
}

TEST_CASE("without arguments there is a short help, as a mistake") {
  const auto mistake = std::get<UsageMistake>(read({}));
  CHECK(mistake.text.starts_with("usage: taskrun COMMAND"));
  CHECK(std::ranges::count(mistake.text, '\n') < 24);
}

TEST_CASE("the help of a command is shown whatever else is asked") {
  for (const Command& command : commands()) {
    const std::string name(command.name);
    CHECK(std::holds_alternative<ShowText>(read({name.c_str(), "--help"})));
    CHECK(std::holds_alternative<ShowText>(read({name.c_str(), "x", "-h"})));
  }
  CHECK(std::get<ShowText>(read({"--version"})).text == "taskrun " TASKRUN_VERSION "\n");
}

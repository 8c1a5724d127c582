#include <optional>
#include <string>
#include <vector>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/limits.h"
#include "control/dispatch.h"
#include "tests/unit/control/fake_desk.h"

namespace taskrun::control {
namespace {

using nlohmann::json;
using Strings = std::vector<std::string>;

struct Told {
  unsigned status = 0;
  json body;
  std::string allow;
};

struct World {
  FakeDesk desk;
  EventRing events{"x"};
  std::optional<EventCursor> cursor;
  int later_pieces = 0;
  Origin origin = Origin::socket;

  std::optional<Reply> serve_one(const Request& request) {
    std::optional<Reply> reply;
    Call call{desk, events, origin, {}, "", "", "", nullptr, nullptr, nullptr};
    call.reply = [&](Reply told) { reply = std::move(told); };
    call.stream = [&](EventCursor place) { cursor = std::move(place); };
    call.reply_in_pieces = [&](Reply first, const std::function<std::string()>& next) {
      reply = std::move(first);
      for (std::string piece = next(); !piece.empty(); piece = next()) {
        ++later_pieces;
        reply->body += piece;
      }
    };
    serve(request, std::move(call));
    return reply;
  }
  Told ask(const std::string& method, const std::string& target, const std::string& body = "") {
    const auto reply = serve_one({method, target, body, true});
    if (!reply) return {};
    return {reply->status, json::parse(reply->body), reply->allow};
  }
  std::string error(const std::string& method, const std::string& target, const std::string& body = "") {
    const Told told = ask(method, target, body);
    REQUIRE(told.body.contains("error"));
    CHECK(told.body["error"]["diagnostics"].is_array());
    return std::to_string(told.status) + " " + told.body["error"]["code"].get<std::string>() + ": " +
           told.body["error"]["message"].get<std::string>();
  }
};

constexpr std::string_view kSomeRun = "01890000-0000-7000-8000-000000000000";

TEST_CASE("A runner and its tasks are shown") {
  World world;
  world.desk.state = {.instance = "x", .version = "1", .pid = 7, .containment = "cgroup", .tasks = 1};
  world.desk.put("a");
  const Told runner = world.ask("GET", "/v1/runner");
  CHECK(runner.status == 200);
  CHECK(runner.body["pid"] == 7);
  CHECK(runner.body["state"].is_null());
  CHECK(runner.body["seq"] == 0);
  CHECK(world.ask("GET", "/v1/tasks").body["tasks"][0]["task"] == "a");
  CHECK(world.ask("GET", "/v1/tasks/a").body["task_id"] == 0);
}

TEST_CASE("A list of tasks is whole, however many ids are free between them") {
  World world;
  for (int id = 0; id < 2600; ++id) world.desk.put("t" + std::to_string(id));
  for (TaskId id = 400; id < 2300; ++id) world.desk.present.erase(id);
  const Told told = world.ask("GET", "/v1/tasks");
  REQUIRE(told.body["tasks"].size() == 700);
  CHECK(told.body["tasks"][399]["task_id"] == 399);
  CHECK(told.body["tasks"][400]["task_id"] == 2300);
  for (TaskId id = 0; id < 2600; ++id) world.desk.present.erase(id);
  CHECK(world.ask("GET", "/v1/tasks").body["tasks"].empty());
}

TEST_CASE("A task is meant by its name before its id") {
  World world;
  world.desk.put("1");
  world.desk.put("b");
  CHECK(world.ask("GET", "/v1/tasks/1").body["task_id"] == 0);
  CHECK(world.ask("GET", "/v1/tasks/0").body["task"] == "1");
  CHECK(world.ask("GET", "/v1/tasks/b").body["task_id"] == 1);
  CHECK(world.error("GET", "/v1/tasks/2") == "404 unknown_task: there is no task '2'");
  CHECK(world.error("GET", "/v1/tasks/-1") == "404 unknown_task: there is no task '-1'");
  CHECK(world.error("GET", "/v1/tasks/4294967296") == "404 unknown_task: there is no task '4294967296'");
  CHECK(world.error("GET", "/v1/tasks/b%2F..") == "404 unknown_task: there is no task 'b/..'");
}

TEST_CASE("What is asked of a task comes to the desk, and the answer tells what is so now") {
  World world;
  world.desk.put("a");
  CHECK(world.ask("POST", "/v1/tasks/a/pause").body["paused"] == true);
  CHECK(world.ask("POST", "/v1/tasks/a/resume").body["paused"] == false);
  CHECK(world.ask("POST", "/v1/tasks/a/trigger").body ==
        json({{"task", "a"}, {"task_id", 0}, {"run_id", RunId{}.text()}}));
  CHECK(world.ask("POST", "/v1/runs/" + std::string(kSomeRun) + "/cancel").body["run_id"] == kSomeRun);
  const Told added = world.ask("POST", "/v1/tasks", R"({"name": "b", "task": {"every": "1m", "command": ["x"]}})");
  CHECK(added.status == 201);
  CHECK(added.body["task_id"] == 1);
  CHECK(world.ask("DELETE", "/v1/tasks/b?stop=true").body == json({{"task", "b"}, {"task_id", 1}, {"gone", true}}));
  CHECK(world.ask("POST", "/v1/stop?now").body["status"] == "stopping");
  CHECK(world.desk.asked == Strings{"pause 0", "resume 0", "trigger 0", "cancel " + std::string(kSomeRun),
                                    R"(add b {"every":"1m","command":["x"]})", "remove 1 now", "stop now"});
}

TEST_CASE("A run may be asked for with variables") {
  World world;
  world.desk.put("a");
  CHECK(world.ask("POST", "/v1/tasks/a/trigger", R"({"env": {"B": "2", "A": ""}})").status == 200);
  CHECK(world.ask("POST", "/v1/tasks/a/trigger", "{}").status == 200);
  CHECK(world.desk.asked == Strings{"trigger 0 B=2 A=", "trigger 0"});
  for (const char* wrong :
       {"[]", R"({"env":[]})", R"({"env":{"A":1}})", R"({"emv":{}})", R"({"env":{"A":"","A":""}})"}) {
    CAPTURE(wrong);
    CHECK(world.error("POST", "/v1/tasks/a/trigger", wrong).starts_with("400 bad_request: "));
  }
}

TEST_CASE("Each refusal has its status and its word") {
  World world;
  world.desk.put("a");
  const auto refused = [&](Refusal reason) {
    world.desk.refusal = Refused{reason, "no", {}};
    return world.error("POST", "/v1/tasks/a/trigger");
  };
  CHECK(refused(Refusal::overlap) == "409 overlap: no");
  CHECK(refused(Refusal::paused) == "409 paused: no");
  CHECK(refused(Refusal::pool) == "409 pool: no");
  CHECK(refused(Refusal::disabled) == "409 disabled: no");
  CHECK(refused(Refusal::stopping) == "503 stopping: no");
  CHECK(refused(Refusal::unknown_task) == "404 unknown_task: no");
  world.desk.refusal = Refused{Refusal::name_taken, "no", {}};
  CHECK(world.error("POST", "/v1/tasks", R"({"name":"a","task":{}})") == "409 name_taken: no");
  world.desk.refusal = Refused{Refusal::wrong_task, "no", {{.line = 1, .column = 2, .message = "m", .hint = "h"}}};
  const Told wrong = world.ask("POST", "/v1/tasks", R"({"name":"a","task":{}})");
  CHECK(wrong.status == 400);
  CHECK(wrong.body["error"]["diagnostics"][0]["hint"] == "h");
}

TEST_CASE("A runner that stops is not well") {
  World world;
  CHECK(world.ask("GET", "/healthz").status == 200);
  world.desk.state.is_stopping = true;
  CHECK(world.ask("GET", "/healthz").status == 503);
}

TEST_CASE("Metrics are text, of the kind that is asked for") {
  World world;
  const auto plain = world.serve_one({"GET", "/metrics", "", true});
  REQUIRE(plain);
  CHECK(plain->status == 200);
  CHECK(plain->type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(plain->body == "x 1\n");
  Request request{"GET", "/metrics", "", true};
  request.accept = "application/openmetrics-text;version=1.0.0,text/plain;q=0.5";
  const auto open = world.serve_one(request);
  REQUIRE(open);
  CHECK(open->type == "application/openmetrics-text; version=1.0.0; charset=utf-8");
  CHECK(world.desk.asked == Strings{"metrics", "metrics, OpenMetrics"});
}

TEST_CASE("Metrics of many tasks come in pieces, none of them lost, and keep their kind") {
  World world;
  world.desk.metrics_pieces = {"a\n", "b\n", "c\n", "d\n"};
  const auto told = world.serve_one({"GET", "/metrics", "", true});
  REQUIRE(told);
  CHECK(told->body == "a\nb\nc\nd\n");
  CHECK(told->type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(world.later_pieces == 2);
}

TEST_CASE("What there is not is told, and what a path takes") {
  World world;
  world.desk.put("a");
  for (const std::string path :
       {"/", "/v1", "/v1/", "/v1/tasks/", "/v1/tasks/a/", "/v1/tasks/a/b", "/v1/tasks/a/b/c", "/v2"}) {
    CAPTURE(path);
    const unsigned status = world.ask("GET", path).status;
    CHECK(status == 404);
  }
  const Told patched = world.ask("PATCH", "/v1/tasks/a");
  CHECK(patched.status == 405);
  CHECK(patched.allow == "GET, DELETE");
  CHECK(world.ask("GET", "/v1/stop").allow == "POST");
  CHECK(world.error("DELETE", "/v1/tasks") == "405 method_not_allowed: '/v1/tasks' takes GET, POST");
}

TEST_CASE("A request that says more or other than it may is told so, and asks for nothing") {
  World world;
  world.desk.put("a");
  CHECK(world.error("GET", "/v1/tasks?color=red") == "400 bad_request: there is no parameter 'color' here");
  CHECK(world.error("POST", "/v1/stop?now=soon") == "400 bad_request: parameter 'now' is true or false");
  CHECK(world.error("POST", "/v1/tasks/a/pause", "{}") == "400 bad_request: this takes no body");
  CHECK(world.error("GET", "/v1/events?since=x") == "400 bad_request: parameter 'since' is a number");
  CHECK(world.error("GET", "/v1/tasks?a=1&a=2") == "400 bad_request: parameter 'a' is given twice");
  CHECK(world.error("GET", "/v1/tasks?%zz") == "400 bad_request: '%zz': '%' is followed by two hexadecimal digits");
  CHECK(world.error("GET", "v1") == "400 bad_request: a path begins with '/'");
  CHECK(world.error("POST", "/v1/runs/7/cancel") == "404 unknown_run: no run '7' is alive");
  CHECK(world.desk.asked.empty());
}

TEST_CASE("A new task is an object with a name and a task, read strictly") {
  World world;
  const auto wrong = [&](const std::string& body) { return world.error("POST", "/v1/tasks", body); };
  CHECK(wrong("[]") == "400 bad_request: the body is one JSON object");
  CHECK(wrong(R"({"task":{}})") == "400 bad_request: 'name' is missing, or no string");
  CHECK(wrong(R"({"name":7,"task":{}})") == "400 bad_request: 'name' is missing, or no string");
  CHECK(wrong(R"({"name":"a"})") == "400 bad_request: 'task' is missing, or no object");
  CHECK(wrong(R"({"name":"a","task":{},"x":1})") == "400 bad_request: unknown key 'x'");
  CHECK(wrong(R"({"name":"a","task":{"shell":"a","shell":"b"}})") == "400 bad_request: key 'shell' is given twice");
  CHECK(wrong(R"({"name":"a","task":)").starts_with("400 bad_request: the body is no JSON: parse error at line 1"));
  CHECK(wrong("").starts_with("400 bad_request: the body is no JSON"));
  CHECK(wrong(R"({"name":"a","task":{},"persist":1})") == "400 bad_request: 'persist' is true or false");
  const std::string deep(limits::kControlBody.count / 2, '[');
  CHECK(wrong(R"({"name":"a","task":{"x":)" + deep) == "400 bad_request: the body is nested more than 64 deep");
  CHECK(world.desk.asked.empty());
}

TEST_CASE("A runner whose loop lags is not well") {
  World world;
  world.desk.state.loop_lag = limits::kLoopLag;
  CHECK(world.ask("GET", "/healthz").status == 200);
  CHECK(world.ask("GET", "/v1/runner").body["loop_lag_ms"] == 5000.0);
  world.desk.state.loop_lag += std::chrono::milliseconds(1250);
  CHECK(world.error("GET", "/healthz") == "503 lagging: the runner's loop was 6.2 s late");
  world.desk.state.is_stopping = true;
  CHECK(world.error("GET", "/healthz") == "503 stopping: the runner is stopping");
}

TEST_CASE("Many tasks are told in pieces, each once and in the order of ids") {
  World world;
  const auto ids = [&] {
    const Told told = world.ask("GET", "/v1/tasks");
    std::vector<std::size_t> found;
    for (const json& task : told.body["tasks"]) found.push_back(task["task_id"]);
    return found;
  };
  CHECK(ids().empty());
  std::vector<std::size_t> expected;
  for (std::size_t id = 0; id < 2 * limits::kTasksATurn; ++id) {
    world.desk.put("t" + std::to_string(id));
    expected.push_back(id);
  }
  CHECK(ids() == expected);
  CHECK(world.later_pieces == 1);
  for (TaskId gone = 0; gone < limits::kTasksATurn + 1; ++gone) world.desk.present.erase(gone);
  expected.erase(expected.begin(), expected.begin() + static_cast<std::ptrdiff_t>(limits::kTasksATurn) + 1);
  CHECK(ids() == expected);
}

TEST_CASE("A new task says whether it is to stay") {
  World world;
  world.ask("POST", "/v1/tasks", R"({"name":"a","task":{},"persist":true})");
  world.ask("POST", "/v1/tasks", R"({"name":"b","task":{},"persist":false})");
  CHECK(world.desk.asked == Strings{"add a {} to stay", "add b {}"});
  CHECK(world.ask("GET", "/v1/tasks/a").body["persisted"] == false);
}

TEST_CASE("Events are followed from a number that has been, or from now on") {
  World world;
  for (int i = 0; i < 3; ++i) world.events.record({WallTime{}, ClockJumped{}});
  world.ask("GET", "/v1/events?since=1");
  REQUIRE(world.cursor.has_value());
  const std::string read = world.cursor->read(world.events, 10'000);
  CHECK(json::parse(read.substr(0, read.find('\n')))["seq"] == 2);
  world.ask("GET", "/v1/events");
  CHECK(world.cursor->read(world.events, 10'000) == "");
  CHECK(world.error("GET", "/v1/events?since=4") ==
        "409 unknown_seq: there is no event 4 yet, only 3: was the runner started anew?");
}

TEST_CASE("A run that lives and one that has ended are told with a task") {
  World world;
  TaskState& task = world.desk.present[world.desk.put("a")];
  task.timeout = std::chrono::milliseconds(1500);
  task.next_run_at = WallTime{};
  task.runs.push_back({.trigger = Trigger::manual, .state = "waiting"});
  task.last_run =
      LastRun{.outcome = Outcome::failure, .duration = std::chrono::microseconds(1234), .exit = {.signal = 9}};
  const json told = world.ask("GET", "/v1/tasks/a").body;
  CHECK(told["timeout_ms"] == 1500);
  CHECK(told["next_run_at"] == "1970-01-01T00:00:00.000000Z");
  CHECK(told["runs"][0]["trigger"] == "manual");
  CHECK(told["runs"][0]["started_at"].is_null());
  CHECK(told["last_run"]["signal"] == "SIGKILL");
  CHECK(told["last_run"]["duration_ms"] == 1.234);
  CHECK_FALSE(told["last_run"].contains("exit_code"));
}

TEST_CASE("To the network there are metrics and health, to be read, and nothing else") {
  World world;
  world.desk.put("a");
  world.origin = Origin::network;
  for (const char* target : {"/metrics", "/healthz", "/metrics?", "/healthz?x=1"}) {
    CAPTURE(target);
    for (const char* method : {"GET", "HEAD"}) CHECK(world.serve_one({method, target, ""})->status == 200);
  }
  for (const char* target : {"/", "/v1/runner", "/v1/tasks", "/v1/tasks/a", "/v1/events", "/metrics/", "//metrics",
                             "/metrics/../v1/runner", "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2fetc",
                             "/..%c0%af..%c0%afetc", "/%zz", "/metrics%00", "*", "", "https://127.0.0.1/metrics"}) {
    CAPTURE(target);
    for (const char* method : {"GET", "HEAD"}) CHECK(world.serve_one({method, target, ""})->status == 404);
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT", "PATCH", "BREW"}) {
      const auto reply = world.serve_one({method, target, ""});
      CHECK(reply->status == 405);
      CHECK(reply->allow == "GET, HEAD");
    }
  }
  CHECK(world.error("POST", "/v1/stop") == "405 method_not_allowed: '/v1/stop' takes GET, HEAD");
  CHECK(world.error("DELETE", "/v1/tasks/a") == "405 method_not_allowed: '/v1/tasks/a' takes GET, HEAD");
  CHECK(world.desk.asked == Strings{"metrics", "metrics", "metrics", "metrics"});
}

TEST_CASE("What is open takes any query, as a scrape configuration may add one") {
  World world;
  for (const Origin origin : {Origin::socket, Origin::network}) {
    world.origin = origin;
    for (const std::string query : {"x=y", "collect[]=a&collect[]=b", "%zz", "?"}) {
      CAPTURE(query);
      for (const std::string path : {"/metrics?", "/healthz?"})
        CHECK(world.serve_one({"GET", path + query, ""})->status == 200);
    }
    CHECK(world.serve_one({"GET", "/metrics?x=y", "body"})->status == 400);
  }
}

TEST_CASE("What is open is read by HEAD on the socket, too, and nothing else is") {
  World world;
  CHECK(world.serve_one({"HEAD", "/healthz", ""})->status == 200);
  CHECK(world.serve_one({"HEAD", "/v1/runner", ""})->allow == "GET");
  CHECK(world.serve_one({"POST", "/healthz", ""})->allow == "GET, HEAD");
}

}  // namespace
}  // namespace taskrun::control

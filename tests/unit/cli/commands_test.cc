#include <cstdlib>

#include <fcntl.h>
#include <fmt/format.h>

#include "cli/answer.h"
#include "cli/exit_codes.h"
#include "cli/run.h"
#include "place.h"
#include "tests/support/capture.h"

namespace fs = std::filesystem;
using namespace taskrun;
using namespace taskrun::cli;

namespace {

struct Done {
  int code = 0;
  std::string out;
  std::string err;
};

template <class Options>
Done run(int (*command)(const Options&), const Options& options) {
  Capture out(1);
  Capture err(2);
  Done done;
  done.code = command(options);
  done.err = err.end();
  done.out = out.end();
  return done;
}

ListOptions tagged(const std::string& tag) {
  ListOptions options;
  options.tags.push_back(tag);
  return options;
}

constexpr std::string_view kThree = R"({"version":1,"defaults":{"timeout":"30s"},"tasks":{
  "billing":{"every":"10m","shell":"true","description":"charges","tags":["money","nightly"]},
  "heartbeat":{"delay":"1.5s","run_at_start":true,"shell":"true","timeout":"none"},
  "report":{"enabled":false,"shell":"true"}}})";

// Without what no test can know: the time.
std::string without_times(std::string text) {
  const std::string_view key = "\"next_run_at\":\"";
  for (std::size_t at = 0; (at = text.find(key, at)) != std::string::npos; at += key.size()) {
    text.erase(at + key.size(), 27);
  }
  return text;
}

}  // namespace

TEST_CASE("check answers on stdout when all is well") {
  const Place place;
  place.write("taskrun.json", kThree);
  const Done done = run(check, CheckOptions{});
  CHECK(done.code == kDone);
  CHECK(done.out == "taskrun.json: ok, 3 tasks\n");
  CHECK(done.err == "");
}

TEST_CASE("check tells mistakes on stderr, or as one JSON object on stdout") {
  const Place place;
  place.write("taskrun.json", R"({"version":1,"tasks":{"a":{"shell":"true","evry":"1s"}}})");
  const Done text = run(check, CheckOptions{});
  CHECK(text.code == kWrongManifest);
  CHECK(text.out == "");
  CHECK(text.err.starts_with("taskrun.json:1:"));
  const Done json = run(check, CheckOptions{.json = true});
  CHECK(json.code == kWrongManifest);
  CHECK(json.err == "");
  CHECK(json.out.starts_with(R"({"ok":false,"tasks":)"));
  CHECK(
      json.out.find(R"("errors":1,"warnings":0,"diagnostics":[{"severity":"error","file":"taskrun.json","line":1,)") !=
      std::string::npos);
  CHECK(json.out.ends_with("\"}]}\n"));
}

TEST_CASE("check says in JSON, too, that there is no manifest") {
  const Place place;
  const Done done = run(check, CheckOptions{.manifest = {.path = "none\x1b"}, .json = true});
  CHECK(done.code == kNoInput);
  CHECK(done.out ==
        R"({"ok":false,"tasks":0,"errors":1,"warnings":0,"diagnostics":[{"severity":"error","file":"none\\u{001b}",)"
        R"("line":1,"column":1,"message":"cannot open 'none\\u{001b}': No such file or directory","hint":""}]})"
        "\n");
}

TEST_CASE("list shows each task, its schedule, its next time and its timeout") {
  const Place place;
  place.write("taskrun.json", kThree);
  const Done done = run(list, ListOptions{});
  CHECK(done.code == kDone);
  CHECK(done.out ==
        "NAME       SCHEDULE    NEXT       TIMEOUT  DESCRIPTION\n"
        "billing    every 10m   in 10 min  30s      charges\n"
        "heartbeat  delay 1.5s  at start   none\n"
        "report     on request  disabled   30s\n");
}

TEST_CASE("list answers programs with one array") {
  const Place place;
  place.write("taskrun.json", kThree);
  const Done done = run(list, ListOptions{.json = true});
  CHECK(without_times(done.out) ==
        R"([
{"name":"billing","description":"charges","tags":["money","nightly"],"enabled":true,"schedule":"every 10m","every_ms":600000.000,"run_at_start":false,"next_run_at":"","timeout_ms":30000.000,"grace_ms":5000.000,"overlap":"skip","pool":null,"attempts":1},
{"name":"heartbeat","description":"","tags":[],"enabled":true,"schedule":"delay 1.5s","delay_ms":1500.000,"run_at_start":true,"next_run_at":"","timeout_ms":null,"grace_ms":5000.000,"overlap":"skip","pool":null,"attempts":1},
{"name":"report","description":"","tags":[],"enabled":false,"schedule":"on request","run_at_start":false,"next_run_at":null,"timeout_ms":30000.000,"grace_ms":5000.000,"overlap":"skip","pool":null,"attempts":1}
]
)");
}

TEST_CASE("list can be asked for tags, and says which there are not") {
  const Place place;
  place.write("taskrun.json", kThree);
  CHECK(run(list, tagged("money")).out.find("heartbeat") == std::string::npos);
  const Done done = run(list, tagged("mony"));
  CHECK(done.code == kWrongManifest);
  CHECK(done.err == "taskrun list: no task has the tag 'mony': did you mean \"money\"?\n");
  CHECK(done.out == "");
}

TEST_CASE("list of a wrong manifest tells its mistakes and lists nothing") {
  const Place place;
  place.write("taskrun.json", "{");
  const Done done = run(list, ListOptions{.json = true});
  CHECK(done.code == kWrongManifest);
  CHECK(done.out == "");
  CHECK(done.err.starts_with("taskrun.json:1:"));
}

TEST_CASE("init writes a manifest without a mistake or a warning") {
  const Place place;
  const Done done = run(init, InitOptions{});
  CHECK(done.code == kDone);
  CHECK(done.out == "wrote taskrun.json\n");
  const Done checked = run(check, CheckOptions{});
  CHECK(checked.out == "taskrun.json: ok, 3 tasks\n");
  CHECK(checked.err == "");
}

TEST_CASE("init replaces a file only where asked") {
  const Place place;
  place.write("taskrun.json", "mine");
  const Done refused = run(init, InitOptions{});
  CHECK(refused.code == kCannotCreate);
  CHECK(refused.err == "taskrun init: 'taskrun.json' exists already (--force replaces it)\n");
  CHECK(place.read("taskrun.json") == "mine");
  CHECK(run(init, InitOptions{.force = true}).code == kDone);
  CHECK(place.read("taskrun.json").starts_with("{\n"));
  fs::create_symlink("nowhere", "link");
  CHECK(run(init, InitOptions{.path = "link"}).code == kCannotCreate);
  CHECK(run(init, InitOptions{.path = "no/such"}).err ==
        "taskrun init: cannot open 'no/such': No such file or directory\n");
}

TEST_CASE("schemas are JSON Schema 2020-12") {
  for (const SchemaChoice of : {SchemaChoice::manifest, SchemaChoice::event}) {
    const Done done = run(schema, SchemaOptions{.of = of});
    CHECK(done.code == kDone);
    CHECK(done.out.find("https://json-schema.org/draft/2020-12/schema") != std::string::npos);
    CHECK(done.out.ends_with("}\n"));
  }
}

TEST_CASE("the schema of the socket is OpenAPI 3.1") {
  const Done done = run(schema, SchemaOptions{.of = SchemaChoice::control});
  CHECK(done.code == kDone);
  CHECK(done.out.starts_with("{\n  \"openapi\": \"3.1.0\",\n"));
}

TEST_CASE("builtins shows them all or one, and tells the nearest of one that is not there") {
  const std::string all = run(builtins, BuiltinsOptions{}).out;
  CHECK(all.starts_with("billing: charge running instances"));
  CHECK(all.find("\n  older_than ") != std::string::npos);
  CHECK(all.find("\nhttp: make one") != std::string::npos);
  CHECK(run(builtins, BuiltinsOptions{.json = true}).out.starts_with("[\n{\"name\":\"billing\","));
  const Done one = run(builtins, BuiltinsOptions{.name = "http"});
  CHECK(one.out.starts_with("http: make one HTTP request"));
  CHECK(one.out.find("  method ") != std::string::npos);
  CHECK(run(builtins, BuiltinsOptions{.name = "http", .json = true})
            .out.find(R"("default":"GET","description":"the request's method","choices":["GET","HEAD",)") !=
        std::string::npos);
  const Done none = run(builtins, BuiltinsOptions{.name = "htpt"});
  CHECK(none.code == kUsage);
  CHECK(none.err == "taskrun builtins: unknown built-in 'htpt': did you mean \"http\"?\nsee 'taskrun builtins'\n");
}

TEST_CASE("exec-builtin takes the arguments from stdin and exits as the built-in does") {
  const Place place;
  place.write("arguments", R"({"directory":".","keep_newest":0,"include":["old*"]})");
  place.write("old", "x");
  const int before = ::dup(0);
  const int arguments = ::open("arguments", O_RDONLY);
  ::dup2(arguments, 0);
  const Done done = run(exec_builtin, ExecBuiltinOptions{.name = "cleanup"});
  const Done again = run(exec_builtin, ExecBuiltinOptions{.name = "cleanup"});  // stdin is at its end
  ::dup2(before, 0);
  ::close(before);
  ::close(arguments);
  CHECK(done.code == 0);
  CHECK_FALSE(fs::exists("old"));
  CHECK(again.code == 2);
  CHECK(again.err == "cleanup: the arguments are not one JSON object\n");
  CHECK(run(exec_builtin, ExecBuiltinOptions{.name = "no\x1b"}).code == kUsage);
}

TEST_CASE("a stdout that fails is never a success") {
  const auto answer_into = [](int descriptor) {
    const int before = ::dup(1);
    ::dup2(descriptor, 1);
    ::close(descriptor);
    Capture err(2);
    const int code = answer("text");
    const std::string said = err.end();
    ::dup2(before, 1);
    ::close(before);
    return std::pair(code, said);
  };
  CHECK(answer_into(::open("/dev/full", O_WRONLY)) ==
        std::pair(kOutputFailed, std::string("taskrun: cannot write to stdout: No space left on device\n")));
  int ends[2];
  REQUIRE(::pipe(ends) == 0);
  ::close(ends[0]);
  CHECK(answer_into(ends[1]) == std::pair(kOutputFailed, std::string()));
}

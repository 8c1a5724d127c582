#include "tasks/arguments.h"

#include <doctest/doctest.h>

using namespace taskrun;
using namespace taskrun::tasks;
using namespace std::chrono_literals;

namespace {

constexpr Parameter kTable[] = {
    {"name", ParameterType::string, true, "", ""},
    {"colour", ParameterType::string, false, R"("red")", "", "red|green|blue"},
    {"count", ParameterType::integer, false, "3", ""},
    {"careful", ParameterType::boolean, false, "true", ""},
    {"wait", ParameterType::duration, false, "", ""},
    {"limit", ParameterType::size, false, R"("4KiB")", ""},
    {"words", ParameterType::strings, false, R"(["a","b"])", ""},
    {"pairs", ParameterType::object, false, "", ""},
};

std::string mistake(std::string_view json) {
  const auto read = Arguments::read(json, kTable);
  return read ? "" : read.error().message;
}

}  // namespace

TEST_CASE("every argument is read by the type of its row") {
  const auto read = Arguments::read(R"({"name":"n","colour":"blue","count":-7,"careful":false,"wait":"1d",
      "limit":"10MB","words":["x"],"pairs":{"k":"v"}})",
                                    kTable);
  REQUIRE(read);
  CHECK(read->get<std::string>("name") == "n");
  CHECK(read->get<std::string>("colour") == "blue");
  CHECK(read->get<std::int64_t>("count") == -7);
  CHECK_FALSE(read->get<bool>("careful"));
  CHECK(read->get<Nanos>("wait") == 24h);
  CHECK(read->get<Bytes>("limit").count == 10'000'000);
  CHECK(read->get<Arguments::Strings>("words") == Arguments::Strings{"x"});
  CHECK(read->get<Arguments::Object>("pairs") == Arguments::Object{{"k", "v"}});
}

TEST_CASE("what is left out has its default, or nothing") {
  const auto read = Arguments::read(R"({"name":"n"})", kTable);
  REQUIRE(read);
  CHECK(read->get<std::string>("colour") == "red");
  CHECK(read->get<std::int64_t>("count") == 3);
  CHECK(read->get<bool>("careful"));
  CHECK(read->get<Bytes>("limit") == kibibytes(4));
  CHECK(read->get<Arguments::Strings>("words") == Arguments::Strings{"a", "b"});
  CHECK_FALSE(read->find<Nanos>("wait"));
  CHECK_FALSE(read->find<Arguments::Object>("pairs"));
}

TEST_CASE("a size may be a number") {
  const auto read = Arguments::read(R"({"name":"n","limit":512})", kTable);
  REQUIRE(read);
  CHECK(read->get<Bytes>("limit").count == 512);
}

TEST_CASE("a mistake names the argument and never its value") {
  CHECK(mistake("") == "the arguments are not one JSON object");
  CHECK(mistake("[]") == "the arguments are not one JSON object");
  CHECK(mistake(R"({"name":"n"} x)") == "the arguments are not one JSON object");
  CHECK(mistake("{}") == "argument 'name' is missing");
  CHECK(mistake(R"({"name":"n","nmae":"secret"})") == "unknown argument 'nmae'");
  CHECK(mistake(R"({"name":1})") == "argument 'name' must be of type string");
  CHECK(mistake(R"({"name":null})") == "argument 'name' must be of type string");
  CHECK(mistake(R"({"name":"n","colour":"secret"})") == "argument 'colour' must be one of red|green|blue");
  CHECK(mistake(R"({"name":"n","colour":""})") == "argument 'colour' must be one of red|green|blue");
  CHECK(mistake(R"({"name":"n","colour":"re"})") == "argument 'colour' must be one of red|green|blue");
  CHECK(mistake(R"({"name":"n","count":1.5})") == "argument 'count' must be of type integer");
  CHECK(mistake(R"({"name":"n","count":9223372036854775808})") == "argument 'count' must be of type integer");
  CHECK(mistake(R"({"name":"n","careful":"true"})") == "argument 'careful' must be of type boolean");
  CHECK(mistake(R"({"name":"n","wait":10})") == "argument 'wait' must be of type duration");
  CHECK(mistake(R"({"name":"n","wait":"secret"})") == R"(argument 'wait' must be a duration such as "10s" or "7d")");
  CHECK(mistake(R"({"name":"n","wait":"-1s"})") == R"(argument 'wait' must be a duration such as "10s" or "7d")");
  CHECK(mistake(R"({"name":"n","limit":-1})") == "argument 'limit' must be of type size");
  CHECK(mistake(R"({"name":"n","limit":"big"})") == R"(argument 'limit' must be a size such as 4096 or "64KiB")");
  CHECK(mistake(R"({"name":"n","words":["x",1]})") == "argument 'words' must be of type array of strings");
  CHECK(mistake(R"({"name":"n","pairs":{"k":1}})") == "argument 'pairs' must be of type object of strings");
}

TEST_CASE("an unknown argument's control characters are not echoed") {
  CHECK(mistake("{\"name\":\"n\",\"\\u001b[2J\":1}") == "unknown argument '\\u{001b}[2J'");
}

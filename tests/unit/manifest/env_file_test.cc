#include "manifest/env_file.h"

#include <doctest/doctest.h>

#include "loading.h"

namespace taskrun::manifest {
namespace {

TEST_CASE("an env_file is lines of NAME=value") {
  const EnvFile file = parse_env_file(
      "\xef\xbb\xbf# comment\n\nA=1\n  B = two words \r\nexport C=x=y\nD=\n"
      "E='single $X \\n'\nF=\"double\\n\\t\\\"q\\\" \\\\ \\$X \\z\"\nG=# no comment\n   # indented\nlast=1");
  CHECK(file.mistakes.empty());
  CHECK(file.variables == Variables{{"A", "1"},
                                    {"B", "two words"},
                                    {"C", "x=y"},
                                    {"D", ""},
                                    {"E", "single $X \\n"},
                                    {"F", "double\n\t\"q\" \\ $X \\z"},
                                    {"G", "# no comment"},
                                    {"last", "1"}});
}

TEST_CASE("each wrong line of an env_file is told by its number, never by its text") {
  using namespace std::string_view_literals;
  const EnvFile file =
      parse_env_file("A=1\ncanary\n=canary\nA B=canary\nQ='canary\nR=\"a\"canary\nTASKRUN_TASK=x\nN=a\0b\nZ=2\n"sv);
  std::string told;
  for (const EnvFileMistake& mistake : file.mistakes)
    told += std::to_string(mistake.line) + ' ' + mistake.message + '\n';
  CHECK(told ==
        "2 it is not NAME=value\n"
        "3 a variable's name must not be empty\n"
        "4 a variable's name holds no blank, = or control character\n"
        "5 its quoted value must end, with nothing after it, on the same line\n"
        "6 its quoted value must end, with nothing after it, on the same line\n"
        "7 this variable is set by taskrun itself\n"
        "8 a value cannot hold a NUL character\n");
  CHECK(file.variables == Variables{{"A", "1"}, {"Z", "2"}});
}

TEST_CASE("an env_file is read once, however many tasks name it, and its mistakes are told once") {
  int asked = 0;
  Surroundings surroundings;
  surroundings.read_env_file = [&](const std::string&) -> Result<std::string> {
    ++asked;
    return "wrong";
  };
  const Loaded loaded =
      load(R"({"tasks": {"a": {"shell": "x", "env_file": "f"}, "b": {"shell": "x", "env_file": "f"}}})", surroundings);
  CHECK(told(loaded) == "1:44 line 1 of \"f\": it is not NAME=value\n");
  CHECK(asked == 1);
}

TEST_CASE("where nobody can read env_files, every one is missing") {
  CHECK(told(load(one_task(R"({"shell": "x", "env_file": "f"})"), {})) ==
        "1:44 cannot read the env_file \"f\": No such file or directory\n");
}

}  // namespace
}  // namespace taskrun::manifest

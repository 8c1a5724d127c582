// The built-in `sql` without a database, and how it writes rows. tests/e2e/sql_test.py runs it on both.

#include <array>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "call.h"
#include "tasks/sql_rows.h"

using namespace taskrun;
using namespace taskrun::tasks;
using database::Cell;
using Kind = Cell::Kind;
using Format = RowWriter::Format;

namespace {

using Strings = std::vector<std::string>;

struct Written {
  std::string text;
  std::string problem;
};

Written written(Format format, const Strings& names, const std::vector<std::vector<Cell>>& rows) {
  char* text = nullptr;
  std::size_t size = 0;
  std::FILE* const stream = ::open_memstream(&text, &size);
  RowWriter writer(stream, format);
  writer.begin(names);
  for (const auto& cells : rows) writer.write({names, cells});
  std::fclose(stream);
  Written out{std::string(text, size), writer.problem()};
  std::free(text);
  return out;
}

}  // namespace

TEST_CASE("a row is a JSON object in which numbers stay as they are spelled") {
  CHECK(written(Format::json, {"a", "b", "c", "d"},
                {{{Kind::number, "12345678901234567890.5"}, {}, {Kind::boolean, "true"}, {Kind::text, "x"}}})
            .text == "{\"a\":12345678901234567890.5,\"b\":null,\"c\":true,\"d\":\"x\"}\n");
  CHECK(written(Format::json, {"a"}, {}).text == "");
}

TEST_CASE("whatever a text holds, a row is one line of JSON") {
  CHECK(written(Format::json, {"a\"\n"}, {{{Kind::text, "\n\"\\\x01\xff"}}}).text ==
        "{\"a\\\"\\n\":\"\\n\\\"\\\\\\u0001\xef\xbf\xbd\"}\n");
}

TEST_CASE("two columns of one name make no object, and nothing is written") {
  const Written twice = written(Format::json, {"b", "a", "b"}, {{{}, {}, {}}, {{}, {}, {}}});
  CHECK(twice.text == "");
  CHECK(twice.problem == "two columns are named 'b': name one of them with AS");
  CHECK(written(Format::csv, {"b", "b"}, {{{}, {}}}).text == "b,b\n,\n");
}

TEST_CASE("CSV begins with the names, tells NULL from an empty text, and quotes what it must") {
  CHECK(written(Format::csv, {"a", "b,c"},
                {{{Kind::number, "1"}, {}}, {{Kind::text, ""}, {Kind::text, "x \"y\", z"}}, {{Kind::text, "1\n2"}, {}}})
            .text == "a,\"b,c\"\n1,\n\"\",\"x \"\"y\"\", z\"\n\"1\n2\",\n");
}

TEST_CASE("an answer without rows has names, too") {
  CHECK(written(Format::csv, {"a", "b,c"}, {}).text == "a,\"b,c\"\n");
  CHECK(written(Format::json, {"a", "b"}, {}).text == "");
  CHECK(written(Format::json, {"a", "a"}, {}).problem == "two columns are named 'a': name one of them with AS");
}

TEST_CASE("arguments that make no sense together are told, and a URL is not shown") {
  const auto problem = [](std::string_view arguments) { return problem_with(*find_builtin("sql"), arguments); };
  CHECK(problem(R"({"database":"sqlite:a.db","statements":["SELECT 1"]})") == "");
  CHECK(problem(R"({"database":"sqlite:a.db","script":"a.sql"})") == "");
  CHECK(problem(R"({"database":"sqlite:a.db"})") == "there is nothing to do: 'statements' or 'script' must say what");
  CHECK(problem(R"({"database":"sqlite:a.db","statements":["x"],"read_only":true,"create":true})") ==
        "'create' makes no sense with 'read_only'");
  CHECK(problem(R"({"database":"postgresql://u:canary@h/d","statements":["x"]})") ==
        "argument 'database': the URL holds a password: give it in the variable PGPASSWORD or in a passfile");
  CHECK(problem(R"({"database":"canary","statements":["x"]})") ==
        "argument 'database': the URL is neither sqlite:FILE nor postgresql://HOST/NAME");
}

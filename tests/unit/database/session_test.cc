// What tasks say to a database, on a real file of SQLite. tests/e2e/sql_test.py says the same to a server of
// PostgreSQL.

#include "database/session.h"

#include <cstdlib>
#include <filesystem>
#include <vector>

#include <doctest/doctest.h>

namespace taskrun::database {
namespace {

using namespace std::chrono_literals;

struct Place {
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "taskrun-session-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~Place() { std::filesystem::remove_all(directory); }

  [[nodiscard]] std::unique_ptr<Session> open(Access access = Access::create) const {
    auto session = open_session(*parse_url("sqlite:" + (directory / "a.db").string()), access, 0ms);
    REQUIRE(session);
    return *std::move(session);
  }

  std::filesystem::path directory;
};

// All rows as one text: "name=kind:text".
std::string rows(Session& session, const std::string& sql, std::span<const Value> values = {}) {
  std::string out;
  const auto done = session.run(sql, values, [&](const Row& row) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) {
      static constexpr const char* kKinds[] = {"null", "number", "boolean", "text"};
      out += row.names[i] + "=" + kKinds[static_cast<int>(row.cells[i].kind)] + ":" + std::string(row.cells[i].text);
      out += i + 1 < row.cells.size() ? " " : "\n";
    }
  });
  return done ? out : done.error().message;
}

struct Table : Place {
  Table() { REQUIRE(session->execute("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT UNIQUE)")); }

  std::unique_ptr<Session> session = open();
};

TEST_CASE("each value comes with its name and its kind") {
  const Table table;
  CHECK(rows(*table.session, "SELECT 1 AS a, NULL AS b, 1.5 AS c, 'x' AS d, x'00ff' AS e, 9e999 AS f") ==
        "a=number:1 b=null: c=number:1.5 d=text:x e=text:\\x00ff f=text:inf\n");
  CHECK(rows(*table.session, "SELECT 1 WHERE 1 = 0") == "");
}

TEST_CASE("a whole number that is no integer keeps its point") {
  const Table table;
  CHECK(rows(*table.session, "SELECT 5.0 AS a, -0.0 AS b, 1e300 AS c, -1e15 AS d, 5 AS e, -9e999 AS f") ==
        "a=number:5.0 b=number:-0.0 c=number:1e+300 d=number:-1000000000000000.0 e=number:5 f=text:-inf\n");
}

TEST_CASE("the names of an answer come first, even without a row; what answers no rows has none") {
  const Table table;
  std::vector<std::string> told;
  const auto told_by = [&](const std::string& sql) {
    told.clear();
    REQUIRE(table.session->run(
        sql, {}, [&](std::span<const std::string> names) { told.assign(names.begin(), names.end()); },
        [&](const Row&) { told.emplace_back("row"); }));
    return told;
  };
  using Strings = std::vector<std::string>;
  CHECK(told_by("SELECT * FROM t") == Strings{"a", "b"});
  CHECK(told_by("INSERT INTO t VALUES (1, 'x')") == Strings{});
  CHECK(told_by("SELECT * FROM t") == Strings{"a", "b", "row"});
  REQUIRE(table.session->execute("ALTER TABLE t ADD c"));
  CHECK(told_by("SELECT * FROM t") == Strings{"a", "b", "c", "row"});
}

TEST_CASE("values are for the numbers in the statement, in whatever order they stand there") {
  const Table table;
  const Value values[] = {Value(std::int64_t{7}), Value(std::string_view("x'; DROP TABLE t; --")), Value(nullptr)};
  CHECK(rows(*table.session, "SELECT $2 AS b, $1 AS a, $3 AS c, $1 AS d", values) ==
        "b=text:x'; DROP TABLE t; -- a=number:7 c=null: d=number:7\n");
  CHECK(rows(*table.session, "SELECT $2 AS b", values) == "b=text:x'; DROP TABLE t; --\n");
  CHECK(rows(*table.session, "SELECT $4", values) == "cannot run a statement: a parameter of it has no value");
}

TEST_CASE("a whole number of 64 bits is one, everything else is none") {
  const Table table;
  std::vector<std::optional<std::int64_t>> seen;
  REQUIRE(table.session->run("SELECT 9223372036854775807, -5, 1.5, '5', NULL", {}, [&](const Row& row) {
    for (std::size_t i = 0; i < row.cells.size(); ++i) seen.push_back(row.integer(i));
  }));
  CHECK(seen == std::vector<std::optional<std::int64_t>>{INT64_MAX, -5, std::nullopt, std::nullopt, std::nullopt});
}

TEST_CASE("a statement is carried out once for each of the values, and the rows it changes are counted") {
  const Table table;
  const Value values[] = {Value(std::int64_t{1}), Value(std::string_view("a")), Value(std::int64_t{2}),
                          Value(nullptr),         Value(std::int64_t{3}),       Value(nullptr)};
  CHECK(table.session->run_each("INSERT INTO t VALUES ($1, $2)", values, 2) == 3);
  CHECK(table.session->run("UPDATE t SET b = a WHERE b IS NULL") == 2);
  CHECK(table.session->run("UPDATE t SET b = a WHERE a > 5") == 0);
  CHECK(table.session->run("SELECT * FROM t") == 0);
  CHECK(rows(*table.session, "SELECT count(*) AS n FROM t") == "n=number:3\n");
}

TEST_CASE("what a trigger changes is not counted") {
  const Table table;
  REQUIRE(
      table.session->execute("CREATE TABLE log (a); CREATE TRIGGER l AFTER INSERT ON t BEGIN "
                             "INSERT INTO log VALUES (new.a); INSERT INTO log VALUES (new.a); END"));
  CHECK(table.session->run("INSERT INTO t VALUES (1, 'a')") == 1);
}

TEST_CASE("a text holds one statement: not none, and not two of which one would be forgotten") {
  const Table table;
  CHECK(rows(*table.session, "SELECT 1 AS a; -- and no more\n ;") == "a=number:1\n");
  CHECK(rows(*table.session, "SELECT 1; SELECT 2") == "cannot run a statement: the text holds more than one");
  CHECK(rows(*table.session, "-- nothing") == "cannot run a statement: there is none in the text");
  CHECK(rows(*table.session, "") == "cannot run a statement: there is none in the text");
}

TEST_CASE("a zero byte is refused, and what stands before it is not carried out") {
  const Table table;
  const std::string text("INSERT INTO t VALUES (1, 'a');\0 INSERT INTO t VALUES (2, 'b')", 61);
  CHECK(table.session->execute(text).error().message.ends_with("a.db': the script has a zero byte in it"));
  CHECK(rows(*table.session, text).ends_with("a.db': a statement has a zero byte in it"));
  CHECK(rows(*table.session, "SELECT count(*) AS n FROM t") == "n=number:0\n");
  const Value values[] = {Value(std::string_view("a\0b", 3))};
  CHECK(rows(*table.session, "SELECT length($1 || 'x') IS NOT NULL AS n", values) == "n=number:1\n");
}

TEST_CASE("a transaction is all or nothing") {
  const Table table;
  {
    auto transaction = Transaction::begin(*table.session, Transaction::Purpose::writing);
    REQUIRE(transaction);
    REQUIRE(table.session->run("INSERT INTO t VALUES (1, 'a')"));
  }
  CHECK(rows(*table.session, "SELECT * FROM t") == "");
  auto transaction = Transaction::begin(*table.session, Transaction::Purpose::writing);
  REQUIRE(table.session->run("INSERT INTO t VALUES (1, 'a')"));
  CHECK(transaction->commit());
  CHECK(rows(*table.session, "SELECT a FROM t") == "a=number:1\n");
}

TEST_CASE("a failure tells a broken rule from a connection that is in the way") {
  const Table table;
  REQUIRE(table.session->run("INSERT INTO t VALUES (1, 'a')"));
  CHECK(table.session->run("INSERT INTO t VALUES (2, 'a')").error().kind == FailureKind::constraint);
  const Value values[] = {Value(std::int64_t{2}), Value(std::int64_t{1})};
  CHECK(table.session->run_each("INSERT INTO t VALUES ($1, NULL)", values, 1).error().kind == FailureKind::constraint);

  const auto other = table.open();
  const auto held = Transaction::begin(*other, Transaction::Purpose::writing);
  CHECK(Transaction::begin(*table.session, Transaction::Purpose::writing).error().kind == FailureKind::busy);
  CHECK(Transaction::begin(*table.session, Transaction::Purpose::reading));
}

TEST_CASE("a failure quotes no value that a statement was given, but still names the file") {
  const Table table;
  const auto message = [&](const std::string& sql, std::string_view value) {
    const Value values[] = {Value(value)};
    return table.session->run(sql, values).error().message;
  };
  CHECK(message("ATTACH $1 AS other", "/no/such/canary").ends_with("a.db': unable to open database: *"));
  CHECK(message("SELECT json_extract('{}', $1)", "CANARY").find("CANARY") == std::string::npos);
  CHECK(message("INSERT INTO t SELECT 1, json_extract('{}', $1)", "db").find("a.db': ") != std::string::npos);
  const Value values[] = {Value(std::string_view("canary"))};
  const auto each = table.session->run_each("INSERT INTO t SELECT 1, json_extract('{}', $1)", values, 1);
  CHECK(each.error().message.find("canary") == std::string::npos);
}

TEST_CASE("a file that is not there is made only where that was asked for, and written only where that was") {
  const Place place;
  const Url url = *parse_url("sqlite:" + (place.directory / "a.db").string());
  CHECK(open_session(url, Access::read_write, 0ms).error().kind == FailureKind::unavailable);
  CHECK(place.open(Access::create)->execute("CREATE TABLE t (a)"));
  CHECK(place.open(Access::read_write)->run("INSERT INTO t VALUES (1)") == 1);
  CHECK(place.open(Access::read_only)->run("INSERT INTO t VALUES (2)").error().kind == FailureKind::read_only);
}

TEST_CASE("a reference that leads nowhere breaks a rule") {
  const Table table;
  REQUIRE(table.session->execute("CREATE TABLE u (a INTEGER REFERENCES t)"));
  CHECK(table.session->run("INSERT INTO u VALUES (5)").error().kind == FailureKind::constraint);
}

}  // namespace
}  // namespace taskrun::database

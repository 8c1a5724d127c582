// SQLite as the history and the built-in tasks use it: on real files, in a directory of the test's own.

#include "database/sqlite.h"

#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

namespace taskrun::database {
namespace {

using namespace std::chrono_literals;

struct Place {
  Place() {
    std::string name = (std::filesystem::temp_directory_path() / "taskrun-database-XXXXXX").string();
    directory = ::mkdtemp(name.data());
  }
  ~Place() { std::filesystem::remove_all(directory); }

  [[nodiscard]] std::string file(const char* name = "a.db") const { return (directory / name).string(); }
  [[nodiscard]] SqliteConnection open() const {
    auto opened = SqliteConnection::open(file(), SqliteAccess::create, 0ms);
    REQUIRE(opened);
    return std::move(*opened);
  }

  std::filesystem::path directory;
};

SqliteStatement prepared(SqliteConnection& connection, std::string_view sql) {
  auto statement = connection.prepare(sql);
  REQUIRE(statement);
  return std::move(*statement);
}

TEST_CASE("every kind of value comes back as it was bound, NUL bytes and nothing at all among them") {
  const Place place;
  SqliteConnection connection = place.open();
  auto row = prepared(connection, "SELECT ?, ?, ?, ?, ?, ?, ?");
  const std::string text("a\0\xc3\xa9", 4);
  const std::string raw("\xff\x00", 2);
  row.bind(1, std::int64_t{INT64_MIN});
  row.bind(2, 0.25);
  row.bind(3, std::string_view(text));
  row.bind(4, std::as_bytes(std::span(raw)));
  row.bind_null(5);
  row.bind(6, std::string_view());
  row.bind(7, std::span<const std::byte>());
  REQUIRE(row.step().value());
  CHECK(row.columns() == 7);
  CHECK(row.integer(0) == INT64_MIN);
  CHECK(row.is_integer(0));
  CHECK(row.real(1) == 0.25);
  CHECK(row.text(2) == text);
  CHECK(row.is_text(2));
  CHECK(row.bytes(3).size() == 2);
  CHECK(row.is_null(4));
  CHECK_FALSE(row.is_null(5));
  CHECK(row.text(5).empty());
  CHECK_FALSE(row.is_null(6));
  CHECK_FALSE(row.step().value());
}

TEST_CASE("a transaction that is not committed leaves nothing behind") {
  const Place place;
  SqliteConnection connection = place.open();
  REQUIRE(connection.execute("CREATE TABLE t(n INTEGER PRIMARY KEY)"));
  {
    auto transaction = SqliteTransaction::begin(connection).value();
    REQUIRE(connection.execute("INSERT INTO t VALUES (1)"));
    CHECK(connection.is_in_transaction());
  }
  CHECK_FALSE(connection.is_in_transaction());
  CHECK(connection.ask("SELECT count(*) FROM t").value() == 0);
  auto transaction = SqliteTransaction::begin(connection).value();
  REQUIRE(connection.execute("INSERT INTO t VALUES (7)"));
  REQUIRE(transaction.commit());
  CHECK(connection.changes() == 1);
  CHECK(connection.last_row() == 7);
  CHECK(connection.ask("SELECT n FROM t").value() == 7);
}

TEST_CASE("a failure tells what can be done about it, and names the file but no value") {
  const Place place;
  SqliteConnection connection = place.open();
  REQUIRE(connection.execute("CREATE TABLE t(n TEXT PRIMARY KEY NOT NULL)"));
  auto insert = prepared(connection, "INSERT INTO t VALUES (?)");
  insert.bind(1, std::string_view("canary"));
  REQUIRE(insert.run());
  insert.bind(1, std::string_view("canary"));
  const auto twice = insert.run();
  REQUIRE_FALSE(twice);
  CHECK(twice.error().kind == FailureKind::constraint);
  CHECK(twice.error().message == "cannot write '" + place.file() + "': UNIQUE constraint failed: t.n");
  const auto wrong = connection.prepare("SELECT n FROM nowhere");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().kind == FailureKind::other);
  CHECK(wrong.error().message == "cannot use '" + place.file() + "': no such table: nowhere");
}

TEST_CASE("a writer in the way is busy, a file of something else corrupt, and what cannot be opened unavailable") {
  const Place place;
  SqliteConnection one = place.open();
  SqliteConnection other = place.open();
  const auto held = SqliteTransaction::begin(one);
  REQUIRE(held);
  const auto refused = SqliteTransaction::begin(other);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().kind == FailureKind::busy);

  std::ofstream(place.file("text.db")) << std::string(4096, 'x');
  auto text = SqliteConnection::open(place.file("text.db"), SqliteAccess::read_write, 0ms);
  REQUIRE(text);
  const auto asked = text->ask("PRAGMA user_version");
  REQUIRE_FALSE(asked);
  CHECK(asked.error().kind == FailureKind::corrupt);

  const auto missing = SqliteConnection::open(place.file("none.db"), SqliteAccess::read_only, 0ms);
  REQUIRE_FALSE(missing);
  CHECK(missing.error().kind == FailureKind::unavailable);
  CHECK(missing.error().message == "cannot open '" + place.file("none.db") + "': unable to open database file");
}

TEST_CASE("a name is a file and never a URI, nor SQLite's own name for memory") {
  const Place place;
  const auto before = std::filesystem::current_path();
  std::filesystem::current_path(place.directory);
  for (const char* name : {":memory:", "file:a.db?mode=ro"}) {
    auto opened = SqliteConnection::open(name, SqliteAccess::create, 0ms);
    REQUIRE(opened);
    REQUIRE(opened->execute("CREATE TABLE t(n)"));
    CHECK(std::filesystem::exists(place.directory / name));
  }
  std::filesystem::current_path(before);
}

TEST_CASE("a file that may only be read is read_only to a writer") {
  const Place place;
  REQUIRE(place.open().execute("CREATE TABLE t(n)"));
  auto opened = SqliteConnection::open(place.file(), SqliteAccess::read_only, 0ms);
  REQUIRE(opened);
  const auto written = opened->execute("INSERT INTO t VALUES (1)");
  REQUIRE_FALSE(written);
  CHECK(written.error().kind == FailureKind::read_only);
}

}  // namespace
}  // namespace taskrun::database

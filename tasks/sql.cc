#include "tasks/sql.h"

#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "base/limits.h"
#include "database/session.h"
#include "sys/file.h"
#include "tasks/arguments.h"
#include "tasks/sql_rows.h"

namespace taskrun::tasks {
namespace {

using database::Access;
using database::Answer;
using database::Failure;
using database::FailureKind;
using database::Row;
using database::Session;
using database::Transaction;
using database::Url;
using database::Value;

struct Done {
  std::uint64_t rows = 0;
  std::int64_t changed = 0;
};

Exit complain(std::string_view message) {
  fmt::print(stderr, "sql: {}\n", message);
  return Exit::failure;
}

tl::unexpected<Failure> refuse(std::string reason) {
  return tl::unexpected(Failure{std::move(reason), FailureKind::other});
}

Answer<Done> carry_out(Session& session, const std::string& sql, std::span<const Value> values,
                       RowWriter::Format format) {
  RowWriter writer(stdout, format);
  const auto changed = session.run(
      sql, values, [&](std::span<const std::string> names) { writer.begin(names); },
      [&](const Row& row) { writer.write(row); });
  if (!changed) return tl::unexpected(changed.error());
  if (!writer.problem().empty()) return refuse(writer.problem());
  return Done{writer.rows(), *changed};
}

Answer<Done> carry_out_all(Session& session, const std::string& script, const Arguments& arguments) {
  const auto purpose = arguments.get<bool>("read_only") ? Transaction::Purpose::reading : Transaction::Purpose::writing;
  const auto texts = arguments.get<Arguments::Strings>("values");
  const std::vector<Value> values(texts.begin(), texts.end());
  const auto format = arguments.get<std::string>("format") == "csv" ? RowWriter::Format::csv : RowWriter::Format::json;
  auto transaction = Transaction::begin(session, purpose);
  if (!transaction) return tl::unexpected(std::move(transaction.error()));
  if (auto done = session.execute(script); !done) return tl::unexpected(std::move(done.error()));
  if (auto stays = transaction->check(); !stays) return tl::unexpected(std::move(stays.error()));
  Done all;
  for (const std::string& sql : arguments.get<Arguments::Strings>("statements")) {
    const auto one = carry_out(session, sql, values, format);
    if (!one) return one;
    if (auto stays = transaction->check(); !stays) return tl::unexpected(std::move(stays.error()));
    all = {all.rows + one->rows, all.changed + one->changed};
  }
  return transaction->commit().map([&] { return all; });
}

Access access_of(const Arguments& arguments) {
  if (arguments.get<bool>("read_only")) return Access::read_only;
  return arguments.get<bool>("create") ? Access::create : Access::read_write;
}

}  // namespace

std::string problem_of_sql(const Arguments& arguments) {
  const auto url = database::parse_url(arguments.get<std::string>("database"));
  if (!url) return "argument 'database': " + url.error();
  if (!arguments.find<std::string>("script") && arguments.get<Arguments::Strings>("statements").empty()) {
    return "there is nothing to do: 'statements' or 'script' must say what";
  }
  const bool is_both = arguments.get<bool>("read_only") && arguments.get<bool>("create");
  return is_both ? "'create' makes no sense with 'read_only'" : "";
}

Exit run_sql(const Arguments& arguments) {
  const Url url = *database::parse_url(arguments.get<std::string>("database"));
  const auto path = arguments.find<std::string>("script");
  const Result<std::string> script = path ? sys::read_file(*path, limits::kSqlScript) : Result<std::string>("");
  if (!script) return complain(script.error().message);
  const auto session = database::open_session(url, access_of(arguments), limits::kDatabasePatience);
  if (!session) return complain(session.error().message);
  const auto done = carry_out_all(**session, *script, arguments);
  const bool is_written = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
  if (!done) return complain(done.error().message);
  if (!is_written) return complain("cannot write the rows to stdout");
  write_result(fmt::format(R"({{"rows":{},"changed":{}}})", done->rows, done->changed));
  fmt::print(stderr, "sql: {} rows written, {} changed\n", done->rows, done->changed);
  return Exit::success;
}

}  // namespace taskrun::tasks

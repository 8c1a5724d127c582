#include "tasks/sql_rows.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "base/text.h"

namespace taskrun::tasks {
namespace {

using database::Cell;
using database::Row;
using Json = nlohmann::json;

// Bytes that are no UTF-8 become U+FFFD: what a program reads line by line must be JSON.
std::string json_text(std::string_view text) {
  return Json(std::string(text)).dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string json_value(const Cell& cell) {
  switch (cell.kind) {
    case Cell::Kind::null: return "null";
    case Cell::Kind::number:
    case Cell::Kind::boolean: return std::string(cell.text);
    case Cell::Kind::text: return json_text(cell.text);
  }
  __builtin_unreachable();
}

std::string csv_text(std::string_view text) {
  if (!text.empty() && text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string out = "\"";
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

std::string csv_value(const Cell& cell) { return cell.kind == Cell::Kind::null ? "" : csv_text(cell.text); }

std::string name_that_comes_twice(std::span<const std::string> names) {
  std::vector<std::string> sorted(names.begin(), names.end());
  std::ranges::sort(sorted);
  const auto twice = std::ranges::adjacent_find(sorted);
  return twice == sorted.end() ? "" : *twice;
}

}  // namespace

void RowWriter::write(const Row& row) {
  if (!problem_.empty()) return;
  ++rows_;
  format_ == Format::json ? write_json(row) : write_csv(row);
}

void RowWriter::begin(std::span<const std::string> names) {
  if (format_ == Format::csv) {
    std::string line;
    for (const std::string& name : names) line += (line.empty() ? "" : ",") + csv_text(name);
    return put(line);
  }
  if (const std::string name = name_that_comes_twice(names); !name.empty()) {
    problem_ = fmt::format("two columns are named '{}': name one of them with AS", printable(name));
  }
  for (const std::string& name : names) keys_.push_back(json_text(name) + ":");
}

void RowWriter::write_json(const Row& row) {
  std::string line = "{";
  for (std::size_t i = 0; i < row.cells.size(); ++i) {
    line += (i > 0 ? "," : "") + keys_[i] + json_value(row.cells[i]);
  }
  put(line + "}");
}

void RowWriter::write_csv(const Row& row) {
  std::string line;
  for (std::size_t i = 0; i < row.cells.size(); ++i) line += (i > 0 ? "," : "") + csv_value(row.cells[i]);
  put(line);
}

// What the stream could not take is told by its error flag.
void RowWriter::put(const std::string& line) {
  std::fwrite(line.data(), 1, line.size(), stream_);
  std::fputc('\n', stream_);
}

}  // namespace taskrun::tasks

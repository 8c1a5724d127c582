#pragma once

#include <cstdint>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "database/session.h"

namespace taskrun::tasks {

/// Writes the rows of one answer to a stream as text: JSON Lines (one object a row), or CSV (RFC 4180 with line feeds;
/// NULL is nothing at all, an empty text is `""`; the first line names the columns).
class RowWriter {
 public:
  enum class Format { json, csv };

  RowWriter(std::FILE* stream, Format format) : stream_(stream), format_(format) {}

  /// To be called once, before the first row; of an answer without rows it writes the line of names.
  void begin(std::span<const std::string> names);
  void write(const database::Row& row);

  [[nodiscard]] std::uint64_t rows() const { return rows_; }
  /// Why it could not go on, "" where it could: two columns of the same name, which no JSON object can have. Nothing
  /// was written then.
  [[nodiscard]] const std::string& problem() const { return problem_; }

 private:
  void write_json(const database::Row& row);
  void write_csv(const database::Row& row);
  void put(const std::string& line);

  std::FILE* stream_;
  Format format_;
  std::vector<std::string> keys_;  // as JSON
  std::uint64_t rows_ = 0;
  std::string problem_;
};

}  // namespace taskrun::tasks

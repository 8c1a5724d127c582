#include "cli/columns.h"

#include <algorithm>

#include <fmt/format.h>

namespace taskrun::cli {
namespace {

constexpr std::size_t kWidth = 80;
constexpr std::size_t kIndent = 2;
constexpr std::size_t kGap = 2;

std::vector<std::string_view> wrap(std::string_view text, std::size_t width) {
  std::vector<std::string_view> lines;
  while (text.size() > width) {
    const std::size_t blank = text.rfind(' ', width);
    if (blank == std::string_view::npos) break;
    lines.push_back(text.substr(0, blank));
    text.remove_prefix(blank + 1);
  }
  lines.push_back(text);
  return lines;
}

}  // namespace

std::string columns(const std::vector<Row>& rows, std::size_t widest_left) {
  std::size_t left = 0;
  for (const Row& row : rows) {
    if (row.left.size() <= widest_left) left = std::max(left, row.left.size());
  }
  const std::size_t start = kIndent + left + kGap;
  std::string out;
  for (const Row& row : rows) {
    out += fmt::format("{:{}}{}", "", kIndent, row.left);
    std::size_t column = kIndent + row.left.size();
    for (const std::string_view line : wrap(row.right, kWidth - start)) {
      if (column + kGap > start) out += '\n', column = 0;
      out += fmt::format("{:{}}{}", "", start - column, line);
      column = kWidth;
    }
    out += '\n';
  }
  return out;
}

}  // namespace taskrun::cli

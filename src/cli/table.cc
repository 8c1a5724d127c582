#include "cli/table.h"

#include <algorithm>

#include "base/text.h"

namespace taskrun::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;

std::size_t width_of(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    text.remove_prefix(std::max<std::size_t>(utf8_length(text), 1));
    ++width;
  }
  return width;
}

std::string cut(std::string_view text, std::size_t width) {
  if (width_of(text) <= width) return std::string(text);
  std::string out;
  for (std::size_t i = 0; i + 1 < width; ++i) {
    const std::size_t length = std::max<std::size_t>(utf8_length(text), 1);
    out += text.substr(0, length);
    text.remove_prefix(length);
  }
  return out + "…";
}

std::vector<std::size_t> widths_of(const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  return widths;
}

// What the terminal leaves for the last column.
std::size_t room_for_last(const Terminal& terminal, const std::vector<std::size_t>& widths) {
  std::size_t taken = 0;
  for (std::size_t i = 0; i + 1 < widths.size(); ++i) taken += widths[i] + kGap;
  if (!terminal.width) return widths.back();
  return std::max(kNarrowest, *terminal.width - std::min(*terminal.width, taken));
}

std::string line(const Terminal& terminal, const std::vector<Cell>& row, const std::vector<std::size_t>& widths,
                 std::size_t last_width) {
  std::string out;
  std::size_t blanks = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string text = i + 1 == row.size() ? cut(row[i].text, last_width) : row[i].text;
    if (!text.empty()) {
      out.append(blanks, ' ');
      out += row[i].paint ? paint(terminal, *row[i].paint, text) : text;
      blanks = 0;
    }
    blanks += widths[i] - std::min(widths[i], width_of(text)) + kGap;
  }
  return out + '\n';
}

}  // namespace

std::string table(const Terminal& terminal, const std::vector<std::string>& heading,
                  const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::vector<Cell>> all(1);
  for (const std::string& title : heading) all[0].push_back({title, Paint::bold});
  all.insert(all.end(), rows.begin(), rows.end());
  const std::vector<std::size_t> widths = widths_of(all);
  const std::size_t last_width = room_for_last(terminal, widths);
  std::string out;
  for (const auto& row : all) out += line(terminal, row, widths, last_width);
  return out;
}

}  // namespace taskrun::cli

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

std::vector<std::size_t> widths_of(const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width_of(row[i].text));
  }
  return widths;
}

// Narrows columns until the terminal holds them: the last one first, then from the left, none further than is readable.
void fit(std::vector<std::size_t>& widths, std::size_t room) {
  std::size_t taken = kGap * (widths.size() - 1);
  for (const std::size_t width : widths) taken += width;
  for (std::size_t i = 0; i < widths.size() && taken > room; ++i) {
    std::size_t& width = i == 0 ? widths.back() : widths[i - 1];
    const std::size_t narrow = std::min(width, kNarrowest);
    const std::size_t cut = std::min(width - narrow, taken - room);
    width -= cut;
    taken -= cut;
  }
}

std::string line(const Terminal& terminal, const std::vector<Cell>& row, const std::vector<std::size_t>& widths) {
  std::string out;
  std::size_t blanks = 0;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string text = cut(row[i].text, widths[i]);
    if (!text.empty()) {
      out.append(blanks, ' ');
      out += row[i].paint ? paint(terminal, *row[i].paint, text) : text;
      blanks = 0;
    }
    blanks += widths[i] - width_of(text) + kGap;
  }
  return out + '\n';
}

}  // namespace

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

std::string table(const Terminal& terminal, const std::vector<std::string>& heading,
                  const std::vector<std::vector<Cell>>& rows) {
  std::vector<std::vector<Cell>> all;
  if (!heading.empty()) all.emplace_back();
  for (const std::string& title : heading) all[0].push_back({title, Paint::bold});
  all.insert(all.end(), rows.begin(), rows.end());
  if (all.empty()) return "";
  std::vector<std::size_t> widths = widths_of(all);
  if (terminal.width) fit(widths, *terminal.width);
  std::string out;
  for (const auto& row : all) out += line(terminal, row, widths);
  return out;
}

}  // namespace taskrun::cli

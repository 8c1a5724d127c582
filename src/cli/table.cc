#include "cli/table.h"

#include <algorithm>
#include <numeric>
#include <span>

#include "base/width.h"

namespace taskrun::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kNarrowest = 8;
constexpr std::size_t kReadable = 16;

using Rows = std::vector<std::vector<Cell>>;

std::vector<std::size_t> widths_of(const Rows& rows) {
  std::vector<std::size_t> widths(rows.front().size());
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], columns_of(row[i].text));
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

std::size_t taken_by(std::span<const std::size_t> widths) {
  return std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
}

void leave_out(Rows& rows, std::vector<std::size_t>& widths, std::size_t column) {
  const auto at = static_cast<std::ptrdiff_t>(column);
  widths.erase(widths.begin() + at);
  for (auto& row : rows) row.erase(row.begin() + at);
}

// Takes `excess` from the widest of some columns, none below `least`; returns what is left of it.
std::size_t even_out(std::span<std::size_t> widths, std::size_t least, std::size_t excess) {
  for (; excess > 0 && !widths.empty(); --excess) {
    std::size_t& widest = *std::ranges::max_element(widths);
    if (widest <= least) break;
    --widest;
  }
  return excess;
}

std::size_t excess_over(std::size_t room, const std::vector<std::size_t>& widths) {
  const std::size_t taken = taken_by(widths);
  return taken - std::min(taken, room);
}

// What is expendable goes as long as the others would be cut for it, and what stays of it is cut before they are.
void fit(Rows& rows, std::vector<std::size_t>& widths, const Narrowing& narrowing, std::size_t room) {
  std::vector<std::size_t> expendable = narrowing.expendable;
  const auto spare = [&] {
    std::size_t sum = 0;
    for (const std::size_t column : expendable) sum += widths[column] - std::min(widths[column], kReadable);
    return sum;
  };
  while (!expendable.empty() && excess_over(room, widths) > spare()) {
    const std::size_t gone = expendable.front();
    leave_out(rows, widths, gone);
    expendable.erase(expendable.begin());
    for (std::size_t& column : expendable) column -= column > gone ? 1 : 0;
  }
  std::size_t excess = excess_over(room, widths);
  for (auto column = expendable.rbegin(); column != expendable.rend(); ++column) {
    excess = even_out(std::span(&widths[*column], 1), kReadable, excess);
  }
  if (excess == 0) return;
  const std::span<std::size_t> all(widths);
  excess = even_out(all.first(std::min(narrowing.elastic, all.size())), kReadable, excess);
  even_out(all, kNarrowest, excess);
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
    blanks += widths[i] - columns_of(text) + kGap;
  }
  return out + '\n';
}

}  // namespace

std::string cut(std::string_view text, std::size_t width) {
  if (columns_of(text) <= width) return std::string(text);
  return std::string(beginning_of(text, width - std::min<std::size_t>(width, 1))) + "…";
}

std::string table(const Terminal& terminal, const std::vector<std::string>& heading,
                  const std::vector<std::vector<Cell>>& rows, const std::optional<Narrowing>& narrowing) {
  Rows all;
  if (!heading.empty()) all.emplace_back();
  for (const std::string& title : heading) all[0].push_back({title, Paint::bold});
  all.insert(all.end(), rows.begin(), rows.end());
  if (all.empty()) return "";
  std::vector<std::size_t> widths = widths_of(all);
  if (terminal.width && narrowing) {
    fit(all, widths, *narrowing, *terminal.width);
  } else if (terminal.width) {
    fit(widths, *terminal.width);
  }
  std::string out;
  for (const auto& row : all) out += line(terminal, row, widths);
  return out;
}

}  // namespace taskrun::cli

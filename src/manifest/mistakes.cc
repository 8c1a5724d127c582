#include "manifest/mistakes.h"

#include <algorithm>

#include <fmt/format.h>

#include "manifest/excerpt.h"

namespace taskrun::manifest {

void Mistakes::Bounded::add(Mistake mistake) {
  if (kept.size() < limits::kDiagnostics) {
    kept.push_back(std::move(mistake));
  } else {
    ++more;
  }
}

void Mistakes::forget_warnings_after(std::size_t count) {
  if (count < warnings_.kept.size()) warnings_.kept.resize(count);
  warnings_.more = count - warnings_.kept.size();
}

std::vector<const Mistakes::Mistake*> Mistakes::sorted() const {
  std::vector<const Mistake*> all;
  all.reserve(errors_.kept.size() + warnings_.kept.size());
  for (const Mistake& mistake : errors_.kept) all.push_back(&mistake);
  for (const Mistake& mistake : warnings_.kept) all.push_back(&mistake);
  std::stable_sort(all.begin(), all.end(), [](const Mistake* a, const Mistake* b) { return a->at < b->at; });
  return all;
}

Diagnostics Mistakes::diagnostics(std::string_view text, const std::string& file) const {
  const std::vector<const Mistake*> mistakes = sorted();
  if (mistakes.empty()) return {};
  const Places places(text);
  std::vector<std::size_t> offsets;
  for (const Mistake* mistake : mistakes) {
    if (mistake->at != kNowhere) offsets.push_back(mistake->at);
  }
  const Excerpts excerpts(text, places, offsets);
  Diagnostics out;
  for (const Mistake* mistake : mistakes) {
    Diagnostic& diagnostic = out.emplace_back();
    diagnostic.severity = mistake->severity;
    diagnostic.file = file;
    diagnostic.message = mistake->message;
    diagnostic.hint = mistake->hint;
    if (mistake->at == kNowhere) continue;  // at 1:1, without an excerpt: there nothing is wrong
    const Place place = places.of(mistake->at);
    Excerpt excerpt = excerpts.around(mistake->at);
    diagnostic.line = place.line;
    diagnostic.column = place.column;
    diagnostic.source_line = std::move(excerpt.line);
    diagnostic.caret = excerpt.caret;
    if (mistake->first == kNowhere) continue;
    const Place first = places.of(mistake->first);
    diagnostic.message += fmt::format("; first at line {}, column {}", first.line, first.column);
  }
  return out;
}

}  // namespace taskrun::manifest

#include "cli/added_mistakes.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/text.h"
#include "cli/manifest_source.h"
#include "manifest/excerpt.h"
#include "manifest/places.h"

namespace taskrun::cli {
namespace {

// Of a line and a column, both from 1, as far as the text has them.
std::size_t offset_of(std::string_view text, std::size_t line, std::size_t column) {
  std::size_t at = 0;
  for (; line > 1 && at < text.size(); --line) at = std::min(text.find('\n', at), text.size() - 1) + 1;
  for (; column > 1 && at < text.size(); --column) at += std::max<std::size_t>(utf8_length(text.substr(at)), 1);
  return at;
}

std::string flag_of(std::string key) {
  std::ranges::replace(key, '_', '-');
  return "--" + key;
}

// The key that stands, itself or its value, at that byte of the definition; "" where it is none of a flag.
std::string key_at(const std::vector<KeyTexts>& keys, std::size_t offset) {
  if (offset == 0) return "";
  std::size_t end = 1;  // behind the brace
  for (const KeyTexts& key : keys) {
    end += member_of(key).size();
    if (offset < end) return key.key;
    ++end;  // the comma
  }
  return "";
}

// `"every": it is empty` without the key, which the flag says.
std::string_view without_label(std::string_view message, std::string_view key) {
  constexpr std::string_view kOfRetry = "attempts";
  for (const std::string_view label : {key, kOfRetry}) {
    if (!message.starts_with(fmt::format("\"{}\"", label))) continue;
    message.remove_prefix(label.size() + 2);
    return message.substr(std::min(message.find_first_not_of(": "), message.size()));
  }
  return message;
}

std::string told_by_flag(const Diagnostic& diagnostic, const AddedSource& source, const TaskText& task) {
  const std::size_t offset = offset_of(task.definition, diagnostic.line, diagnostic.column);
  const std::string key = diagnostic.line == 0 ? "" : key_at(source.keys, offset);
  const bool is_warning = diagnostic.severity == Severity::warning;
  return fmt::format("taskrun add: {}{}{}{}\n", is_warning ? "warning: " : "", key.empty() ? "" : flag_of(key) + ": ",
                     key.empty() ? diagnostic.message : without_label(diagnostic.message, key),
                     diagnostic.hint.empty() ? "" : fmt::format(" ({})", diagnostic.hint));
}

std::string told_by_line(Diagnostic diagnostic, const AddedSource& source, const TaskText& task) {
  diagnostic.file = source.file;
  if (diagnostic.line == 0) {
    const bool is_error = diagnostic.severity == Severity::error;
    return fmt::format("{}: {}: {}\n{}", diagnostic.file, is_error ? "error" : "warning", diagnostic.message,
                       diagnostic.hint.empty() ? "" : fmt::format("  hint: {}\n", diagnostic.hint));
  }
  const std::size_t at = task.begin + offset_of(task.definition, diagnostic.line, diagnostic.column);
  const manifest::Places places(source.text);
  const manifest::Excerpt excerpt = manifest::Excerpts(source.text, places, {at}).around(at);
  const manifest::Place place = places.of(at);
  diagnostic.line = place.line;
  diagnostic.column = place.column;
  diagnostic.source_line = excerpt.line;
  diagnostic.caret = excerpt.caret;
  return render(diagnostic);
}

}  // namespace

void find_places(Diagnostics& found, const TaskText& task) {
  Diagnostics here = remarks_on_task(task.name, task.definition);
  for (Diagnostic& diagnostic : found) {
    const auto same = std::ranges::find(here, diagnostic.message, &Diagnostic::message);
    const bool is_seen_here = same != here.end();
    diagnostic.line = is_seen_here ? same->line : 0;
    diagnostic.column = is_seen_here ? same->column : 0;
    if (is_seen_here) here.erase(same);
  }
}

std::string told(Diagnostic diagnostic, const AddedSource& source, const TaskText& task) {
  return source.file.empty() ? told_by_flag(diagnostic, source, task)
                             : told_by_line(std::move(diagnostic), source, task);
}

}  // namespace taskrun::cli

// The tables of docs/manifest.md.

#include <fmt/format.h>

#include "manifest/draft.h"
#include "manifest/manifest.h"

namespace taskrun::manifest {
namespace {

struct Table {
  std::string text = "| key | type | default | meaning |\n|---|---|---|---|\n";
  void add(const auto& key) {
    text += fmt::format("| `{}` | {} | {} | {} |\n", key.name, key.type, key.default_value, key.meaning);
  }
};

template <class T>
std::string table_of(std::span<const Key<T>> keys) {
  Table table;
  for (const Key<T>& key : keys) table.add(key);
  return table.text;
}

std::string task_table(Part part) {
  Table table;
  for (const Key<TaskDraft>& key : task_keys()) {
    if (key.part == part) table.add(key);
  }
  return table.text;
}

}  // namespace

std::string key_table(std::string_view section) {
  if (section == "top level") return table_of(top_keys());
  if (section == "what") return task_table(Part::what);
  if (section == "when") return task_table(Part::when);
  if (section == "start") return task_table(Part::start);
  if (section == "how") return task_table(Part::how);
  if (section == "retry") return table_of(retry_keys());
  if (section == "output") return table_of(output_keys());
  if (section == "limits") return table_of(limits_keys());
  if (section == "dst") return table_of(dst_keys());
  if (section == "hook") return table_of(hook_keys());
  return {};
}

}  // namespace taskrun::manifest

#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/value.h"

/// Keys are rows of tables, one table for each kind of object. The loader reads by them, the JSON Schema and the tables
/// of docs/manifest.md are printed from them; so the three cannot disagree.
namespace taskrun::manifest {

/// Which question about a task a key answers; `defaults` holds neither `what` nor `when`.
enum class Part { what, when, start, how };

/// A key of objects that are read into a `T`.
template <class T>
struct Key {
  std::string_view name;
  std::string_view type;           ///< for people
  std::string_view default_value;  ///< for people; "" where there is none
  std::string_view meaning;        ///< Markdown
  void (*read)(const Value& value, T& target);
  std::string (*schema)();  ///< the JSON Schema of its value
  Part part = Part::how;
};

/// One table out of two.
template <class T, std::size_t A, std::size_t B>
[[nodiscard]] constexpr std::array<Key<T>, A + B> join(const std::array<Key<T>, A>& a, const std::array<Key<T>, B>& b) {
  std::array<Key<T>, A + B> all{};
  std::copy(b.begin(), b.end(), std::copy(a.begin(), a.end(), all.begin()));
  return all;
}

/// A kind of object in messages.
struct ObjectKind {
  std::string_view where;  ///< "in a task", "at the top level"
  /// Where else the key of an unknown member belongs, as a hint; "" where nowhere.
  std::string (*place_of)(std::string_view key) = nullptr;
};

/// Whether a key is the user's own and is ignored: "x-…".
[[nodiscard]] inline bool is_ignored(std::string_view key) { return key.starts_with("x-"); }

/// Reports a key that is not among `known`, with what was meant.
void report_unknown(const Value& member, std::span<const std::string_view> known, const ObjectKind& kind);

template <class T>
void report_unknown(const Value& member, std::span<const Key<T>> keys, const ObjectKind& kind) {
  std::vector<std::string_view> known;
  for (const Key<T>& key : keys) known.push_back(key.name);
  report_unknown(member, known, kind);
}

/// Reads one member by the row of its key.
template <class T>
void read_member(const Value& member, std::span<const Key<T>> keys, T& target, const ObjectKind& kind) {
  const auto key = std::find_if(keys.begin(), keys.end(), [&](const Key<T>& k) { return k.name == member.key(); });
  if (key != keys.end()) {
    key->read(member, target);
  } else if (!is_ignored(member.key())) {
    report_unknown(member, keys, kind);
  }
}

/// Reads all members of an object; false where it is none.
template <class T>
bool read_object(const Value& object, std::span<const Key<T>> keys, T& target, const ObjectKind& kind) {
  if (object.node().kind != Kind::object) {
    object.wrong_type("an object");
    return false;
  }
  for (const Member& member : object.node().members) {
    read_member(Value(object.source(), member.value, member.key, member.begin), keys, target, kind);
  }
  return true;
}

/// Keeps what was read; what was not stays as it is.
template <class T, class Field>
void keep(std::optional<T> read, Field& field) {
  if (read) field = *std::move(read);
}

}  // namespace taskrun::manifest

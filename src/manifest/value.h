#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "manifest/interpolation.h"
#include "manifest/json.h"
#include "manifest/manifest.h"
#include "manifest/mistakes.h"
#include "schedule/cron.h"

namespace taskrun::manifest {

struct IntegerRange {
  std::int64_t min;
  std::int64_t max = INT64_MAX;
};
struct RealRange {
  double min;
  double max;
};

inline constexpr std::string_view kNameHint =
    "a name is 1 to 64 letters, digits, \".\", \"_\" and \"-\", and begins with a letter or digit";

/// What every value of one load is read against.
struct Source {
  std::string_view text;
  const Surroundings& surroundings;
  Mistakes& mistakes;
};

/// A JSON value on its way to a typed field. A reader that answers nothing has reported why. Strings are interpolated
/// first; one that is interpolated is then read as whatever type is asked for, and never repeated in a message.
class Value {
 public:
  /// `noun` and `key` name it in messages: `"timeout"`, `variable "PATH"`. `key_at` is where its key stands, for
  /// mistakes that are not about the value. The arguments outlive it.
  Value(const Source& source, const Node& node, std::string_view key, std::size_t key_at, std::string_view noun = "")
      : source_(&source), node_(&node), key_(key), key_at_(key_at), noun_(noun) {}

  [[nodiscard]] std::optional<std::string> text() const;
  /// Without interpolation.
  [[nodiscard]] std::optional<std::string> verbatim() const;
  /// true or false, and of interpolated strings also "1" and "0"; of other strings only where `also_text`.
  [[nodiscard]] std::optional<bool> boolean(bool also_text = false) const;
  [[nodiscard]] std::optional<std::int64_t> integer(IntegerRange range) const;
  [[nodiscard]] std::optional<double> real(RealRange range) const;
  [[nodiscard]] std::optional<Nanos> duration(Nanos min) const;
  /// "none" is an empty inner value.
  [[nodiscard]] std::optional<std::optional<Nanos>> duration_or_none(Nanos min) const;
  [[nodiscard]] std::optional<Bytes> size(Bytes max = Bytes{INT64_MAX}) const;
  /// A mistake in it is told at the very character, where the string stands in the manifest as it is read.
  [[nodiscard]] std::optional<ParsedCron> cron(Zone zone, DstPolicy dst) const;
  [[nodiscard]] std::optional<Zone> zone() const;
  /// RFC 3339.
  [[nodiscard]] std::optional<WallTime> time() const;
  /// The index of the word in `words`.
  [[nodiscard]] std::optional<std::size_t> word(std::span<const std::string_view> words) const;
  template <class E, std::size_t N>
  [[nodiscard]] std::optional<E> one_of(const std::array<E, N>& values) const;
  [[nodiscard]] std::optional<std::string> name() const;
  [[nodiscard]] std::optional<std::vector<std::string>> texts() const;
  [[nodiscard]] std::optional<std::vector<std::string>> verbatims() const;

  /// The items of an array and the members of an object, each as a value; nothing of another kind, which is reported
  /// as not being `expected`.
  [[nodiscard]] std::vector<Value> items(std::string_view expected) const;
  [[nodiscard]] std::vector<Value> members(std::string_view expected, std::string_view noun) const;

  [[nodiscard]] const Node& node() const { return *node_; }
  [[nodiscard]] const Source& source() const { return *source_; }
  [[nodiscard]] std::string_view key() const { return key_; }
  [[nodiscard]] std::size_t key_at() const { return key_at_; }
  /// `"key"`, with its noun.
  [[nodiscard]] std::string label() const;

  /// The reports answer nothing, so that a reader can end with them.
  std::nullopt_t error(std::string message, std::string hint = {}) const;
  /// At a byte of the string; of one that is interpolated, at its beginning.
  std::nullopt_t error_in_text(std::size_t index, std::string message, std::string hint = {}) const;
  void warning_in_text(std::size_t index, std::string message, std::string hint = {}) const;
  /// At the key.
  void key_error(std::string message, std::string hint = {}) const;
  std::nullopt_t wrong_type(std::string_view expected, std::string hint = {}) const;

 private:
  [[nodiscard]] std::optional<std::vector<std::string>> read_all(std::optional<std::string> (Value::*read)()
                                                                     const) const;
  [[nodiscard]] std::optional<Expansion> expansion(std::string_view expected) const;
  std::nullopt_t not_an_integer() const;
  std::nullopt_t not_given_by(const Expansion& expansion, std::string_view expected, std::string_view problem,
                              std::string hint) const;
  [[nodiscard]] std::size_t place_in_text(std::size_t index) const;

  const Source* source_;
  const Node* node_;
  std::string_view key_;
  std::size_t key_at_;
  std::string_view noun_;
};

template <class E, std::size_t N>
std::optional<E> Value::one_of(const std::array<E, N>& values) const {
  std::array<std::string_view, N> words;
  for (std::size_t i = 0; i < N; ++i) words[i] = to_word(values[i]);
  const std::optional<std::size_t> index = word(words);
  if (!index) return std::nullopt;
  return values[*index];
}

}  // namespace taskrun::manifest

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace taskrun::manifest {

/// Watches a text while it is read, and tells when it is certainly no manifest, whatever follows: so that a disk image
/// named by mistake is not read whole. It knows JSON's grammar and the limits, but not what a manifest means; what it
/// lets pass may still be wrong, and what it stops at is wrong for load(), too, when it sees no more than was read.
class Screen {
 public:
  /// Takes the next part of the text. False: reading on is of no use.
  [[nodiscard]] bool take(std::string_view part);
  /// Whether what was taken so far may be a whole manifest. If not, load() finds a mistake in it.
  [[nodiscard]] bool is_whole() const { return awaits_ == Awaits::end && !has_refused_; }

 private:
  enum class Awaits { root, first_key, key, colon, first_value, value, comma, end };
  enum class Within {
    nothing,
    string,
    escape,
    atom
  };  // an atom: a number, true, false, null, or what was meant as one

  [[nodiscard]] bool step(char c);
  [[nodiscard]] bool step_in_string(char c);
  [[nodiscard]] bool begin(char c);
  [[nodiscard]] bool begin_string();
  [[nodiscard]] bool open(char bracket);
  [[nodiscard]] bool close(char bracket);
  [[nodiscard]] bool begin_value();
  void begin_member();
  [[nodiscard]] bool awaits_value() const { return awaits_ == Awaits::value || awaits_ == Awaits::first_value; }
  [[nodiscard]] bool awaits_key() const { return awaits_ == Awaits::key || awaits_ == Awaits::first_key; }

  Awaits awaits_ = Awaits::root;
  Within within_ = Within::nothing;
  bool is_key_ = false;     // the string that is being read
  std::string closing_;     // the brackets to come, innermost last
  std::string top_key_;     // the beginning of the last key of the top level, as it is written
  std::size_t length_ = 0;  // of the token, or of the blanks, so far
  bool has_refused_ = false;
  std::size_t values_ = 0;  // in this member of the top level, or in this task
};

}  // namespace taskrun::manifest

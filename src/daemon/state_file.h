#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace taskrun::daemon {

/// A file of the state directory, mode 0600, that is read once, at the start, and replaced as a whole. What cannot be
/// read in it is set aside under a name with the date, never deleted, and a warning tells; one of a newer taskrun is
/// left where it is.
class StateFile {
 public:
  /// `what` is for the warning: "the record of due times". A file larger than `limit` cannot be read.
  StateFile(std::string path, std::string_view what, Bytes limit)
      : path_(std::move(path)), what_(what), limit_(limit) {}

  [[nodiscard]] const std::string& path() const { return path_; }

  /// Has `take` read the text, where there is one. False where one that cannot be read is still in its place, because
  /// it could not be set aside or is of a newer taskrun: what is written then replaces it.
  [[nodiscard]] bool load(const std::function<Result<void>(std::string_view text)>& take) const;

  /// Replaces the text, on disk when this returns. Blocks. On failure the old text stands.
  [[nodiscard]] Result<void> save(std::string_view text) const;

 private:
  [[nodiscard]] bool set_aside(const std::string& why) const;

  std::string path_;
  std::string_view what_;
  Bytes limit_;
};

/// The text of such a file: a line that says what it is and how many lines follow, then those. So one that was cut is
/// known as such.
///
///     taskrun-tasks 1 2
[[nodiscard]] std::string counted_head(std::string_view head, std::size_t lines);

/// The lines after the first, without their newlines. The error says in which line what is wrong; a text costs no more
/// than its length.
[[nodiscard]] Result<std::vector<std::string_view>> read_counted_lines(std::string_view head, std::string_view text);

}  // namespace taskrun::daemon

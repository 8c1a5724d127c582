#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include <sys/types.h>

#include "base/bytes.h"
#include "base/result.h"

/// File descriptors. Everything here makes them CLOEXEC at birth, and retries EINTR.
namespace taskrun::sys {

/// The only owner of a descriptor: closes it at its end.
class Fd {
 public:
  Fd() = default;
  explicit Fd(int number) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept;
  ~Fd() { reset(); }

  /// The number, -1 where there is none.
  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] explicit operator bool() const { return number_ >= 0; }
  /// Gives the number up to another owner.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }
  /// Closes now.
  void reset();

 private:
  int number_ = -1;
};

struct Pipe {
  Fd read;
  Fd write;
};

/// A pipe, both ends blocking. Fails with EMFILE or ENFILE.
[[nodiscard]] Result<Pipe> make_pipe();

/// Opens a path; `flags` as of open(2), O_CLOEXEC and O_NOCTTY are added. The error names the path.
[[nodiscard]] Result<Fd> open_file(const std::string& path, int flags, mode_t mode = 0600);

/// Another descriptor for the same open file, numbered `lowest` or above.
[[nodiscard]] Result<Fd> duplicate(int fd, int lowest = 3);

/// The same open file, numbered `lowest` or above; `fd` itself where it is already.
[[nodiscard]] Result<Fd> move_up(Fd fd, int lowest);

/// A nameless file in memory that holds `text`, at its beginning, sealed against any change: what a task reads on
/// standard input. Fails when descriptors or memory run out.
[[nodiscard]] Result<Fd> make_memory_file(std::string_view text);

[[nodiscard]] Result<void> set_nonblocking(int fd);

/// One read. 0 bytes are the end of the file; on a non-blocking descriptor the error's code may be EAGAIN.
[[nodiscard]] Result<std::size_t> read_some(int fd, std::span<char> into);

/// Sees each part of a text as it is read; false: the rest is not wanted, and is not read.
using IsMoreWanted = std::function<bool(std::string_view part)>;

/// Reads a blocking descriptor to its end, or as far as is wanted; a null function wants everything. More than `limit`
/// is the error EFBIG, told without reading on.
[[nodiscard]] Result<std::string> read_all(int fd, Bytes limit, const IsMoreWanted& is_more_wanted = {});

/// Writes everything to a blocking descriptor.
[[nodiscard]] Result<void> write_all(int fd, std::string_view bytes);

/// Opens /dev/null for each of the descriptors 0, 1, 2 that is closed, so that no file of ours ever becomes somebody's
/// standard output; to be called before anything else opens a file. False where even that failed.
bool open_standard_descriptors();

/// Marks every descriptor from 3 up CLOEXEC: what our parent left open is not for our children.
void close_inherited_on_exec();

/// Raises our limit of open descriptors as far as we may. Returns the limit that was in force: what our children are
/// to start with, because some programs go through all numbers below theirs.
std::uint64_t raise_descriptor_limit();

}  // namespace taskrun::sys

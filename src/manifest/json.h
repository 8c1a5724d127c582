#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/mistakes.h"

namespace taskrun::manifest {

enum class Kind : std::uint8_t { null, yes, no, integer, real, string, array, object };

struct Member;

/// One JSON value with its place in the text: the bytes [begin, end).
struct Node {
  Kind kind = Kind::null;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;             ///< of a string: decoded; of a number: as written
  std::vector<Node> items;      ///< of an array
  std::vector<Member> members;  ///< of an object, in order; a duplicate key is there twice (and reported)
};

struct Member {
  std::string key;
  std::size_t begin = 0;  ///< the key's first byte, its quote
  Node value;
};

/// Takes the parts of a manifest as they stand in the file. Only one of them is in memory at a time, so that a file of
/// 100,000 tasks costs no more than its largest task.
class Receiver {
 public:
  virtual ~Receiver() = default;
  /// A member of the top level. Of `tasks`, where it is an object, after its last task and without them.
  virtual void take_member(Member& member) = 0;
  /// A member of `tasks`.
  virtual void take_task(Member& task) = 0;
};

/// Reads one JSON object. Reports what is no JSON, deeper than limits::kJsonDepth, given twice in one object, or holds
/// a NUL. Returns false where reading ended before the text did: what follows the mistake is not known.
[[nodiscard]] bool read_json(std::string_view text, Receiver& receiver, Mistakes& mistakes);

/// `text` as a JSON string, quotes and all.
[[nodiscard]] std::string quote_json(std::string_view text);

/// The same JSON over several lines, two blanks a level, with a final newline.
[[nodiscard]] std::string indent_json(std::string_view json);

}  // namespace taskrun::manifest

#include "base/ids.h"

#include <algorithm>

namespace taskrun {

std::string RunId::text() const {
  static constexpr char kHex[] = "0123456789abcdef";
  std::string out(36, '-');
  std::size_t at = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) ++at;
    out[at++] = kHex[bytes[i] >> 4];
    out[at++] = kHex[bytes[i] & 15];
  }
  return out;
}

std::optional<RunId> parse_run_id(std::string_view text) {
  const auto digit_of = [](char letter) { return std::string_view("0123456789abcdef").find(letter); };
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char letter) {
    return letter >= 'A' && letter <= 'F' ? static_cast<char>(letter - 'A' + 'a') : letter;
  });
  RunId id;
  if (lower.size() != id.text().size()) return std::nullopt;
  std::size_t at = 0;
  for (std::size_t i = 0; i < id.bytes.size(); ++i, at += 2) {
    if (lower[at] == '-') ++at;
    if (digit_of(lower[at]) > 15 || digit_of(lower[at + 1]) > 15) return std::nullopt;
    id.bytes[i] = static_cast<std::uint8_t>(digit_of(lower[at]) * 16 + digit_of(lower[at + 1]));
    if (at + 2 >= lower.size()) break;
  }
  if (id.text() != lower) return std::nullopt;  // a hyphen at another place
  return id;
}

// RFC 9562, 6.2, method 1: the 12 bits after the millisecond are a counter; one that overflows borrows from the time.
RunId RunIdSource::make(WallTime time) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
  const auto millis = static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch, 0));
  last_ = std::max(millis << 12, last_ + 1);
  const std::uint64_t random = random_();
  RunId id;
  const std::uint64_t stamp = last_ >> 12;
  for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(stamp >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(0x70 | ((last_ >> 8) & 0x0f));
  id.bytes[7] = static_cast<std::uint8_t>(last_ & 0xff);
  for (std::size_t i = 0; i < 8; ++i) id.bytes[8 + i] = static_cast<std::uint8_t>(random >> (56 - 8 * i));
  id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
  return id;
}

}  // namespace taskrun

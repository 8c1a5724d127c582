#pragma once

#include <string>
#include <string_view>

#include <tl/expected.hpp>

namespace taskrun::database {

/// Where a database is: `sqlite:FILE`, or `postgresql://HOST/NAME` and whatever else libpq reads in such a URL.
struct Url {
  enum class Kind { sqlite, postgresql };

  Kind kind = Kind::sqlite;
  std::string target;  ///< the file (relative to the working directory), or the whole URL
  std::string shown;   ///< for messages: without user and query
};

/// The error is a sentence about "the URL" that shows nothing of it. A password is refused, however it is spelled: a
/// URL stands in manifests and their repositories. It belongs in PGPASSWORD or a passfile. So is what a password leaves
/// that is not percent-encoded: a port that is no number, or an '@' after the host.
[[nodiscard]] tl::expected<Url, std::string> parse_url(std::string_view text);

}  // namespace taskrun::database

#pragma once

#include <string_view>
#include <vector>

namespace taskrun {

/// Every name of the tz database, sorted, for hints: whether this machine has a zone is find_zone's to say.
[[nodiscard]] const std::vector<std::string_view>& zone_names();

}  // namespace taskrun

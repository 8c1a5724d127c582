#pragma once

#include <string>
#include <string_view>

/// Words that stand for a whole expression, in any case.
namespace taskrun::cron_macro {

[[nodiscard]] bool is_every(std::string_view word);

/// "0 0 * * *" for "@daily"; "" for what is no macro.
[[nodiscard]] std::string_view expansion_of(std::string_view word);

/// The macro that somebody meant who left the "@" out; "" where none.
[[nodiscard]] std::string_view meant_by(std::string_view word);

/// What to write instead of an unknown macro.
[[nodiscard]] std::string hint_for(std::string_view word);

}  // namespace taskrun::cron_macro

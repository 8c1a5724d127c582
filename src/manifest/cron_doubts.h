#pragma once

#include "manifest/value.h"
#include "schedule/cron.h"

namespace taskrun::manifest {

/// Warns of what is valid and hardly meant: a day that many months lack, two day fields, a step that begins again with
/// each hour, a time that the clock skips or repeats in the coming year. `value` is the string it was read from. Says
/// nothing of one that a variable gave: it would repeat what the variable holds.
void warn_of_doubts(const Value& value, const ParsedCron& parsed);

}  // namespace taskrun::manifest

#pragma once

#include <optional>

#include "manifest/value.h"
#include "model/task_policy.h"

/// Keys that say how a task's process is run and are more than a value of one type. What is wrong is reported, and
/// leaves the field as it is.
namespace taskrun::manifest {

void read_stop_signal(const Value& value, int& signal);
void read_inherit_env(const Value& value, InheritEnv& inherit);
void read_umask(const Value& value, std::optional<unsigned>& mask);

}  // namespace taskrun::manifest

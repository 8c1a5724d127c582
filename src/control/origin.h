#pragma once

namespace taskrun::control {

/// Where a request comes from: this user or root, by the runner's socket, or anybody, by its port.
enum class Origin { socket, network };

}  // namespace taskrun::control

#pragma once

#include <string>
#include <string_view>

#include <sys/types.h>

#include "base/bytes.h"
#include "base/result.h"
#include "sys/fd.h"

namespace taskrun::sys {

/// The whole text of a regular file (or of a link to one). Never blocks on a FIFO, never opens a device, and reads no
/// more than `limit`, however the file grows meanwhile, or than is wanted.
/// The error names the path and tells apart: missing (ENOENT), a link to nothing (ENOENT), no permission (EACCES), a
/// directory (EISDIR), a FIFO, a socket or a device (ESPIPE, ENXIO, ENODEV), too large (EFBIG).
[[nodiscard]] Result<std::string> read_file(const std::string& path, Bytes limit,
                                            const IsMoreWanted& is_more_wanted = {});

/// Replaces the file as a whole: a reader, or a crash, finds the old text or the new one. Written beside it, synced,
/// renamed. On failure the old file stands and nothing else is left.
[[nodiscard]] Result<void> write_file(const std::string& path, std::string_view text, mode_t mode = 0600);

}  // namespace taskrun::sys

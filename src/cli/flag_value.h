#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/time.h"
#include "cli/options.h"

/// How the text of a flag becomes a value, one overload for each type that an option has. Each says what is wrong with
/// the text, "" where nothing is.
namespace taskrun::cli {

std::string read_value(std::string_view text, std::string& value);
std::string read_value(std::string_view text, std::optional<std::string>& value);
std::string read_value(std::string_view text, Name& value);
/// A flag without a value: it is set.
std::string read_value(std::string_view text, bool& value);
/// From 1 to limits::kMaxParallel.
std::string read_value(std::string_view text, int& value);
std::string read_value(std::string_view text, DueCount& value);
std::string read_value(std::string_view text, SeqNumber& value);
/// RFC 3339, with an offset.
std::string read_value(std::string_view text, std::optional<Instant>& value);
/// As in the manifest; not negative.
std::string read_value(std::string_view text, std::optional<Nanos>& value);
/// From 1 on.
std::string read_value(std::string_view text, RowCount& value);
std::string read_value(std::string_view text, Bytes& value);
std::string read_value(std::string_view text, std::optional<sys::TcpAddress>& value);
/// Durations separated by commas, each longer than the one before, also as a number of seconds; replaces what was
/// there.
std::string read_value(std::string_view text, BucketBounds& value);
/// Adds names separated by commas: `--tag a,b` is `--tag a --tag b`.
std::string read_value(std::string_view text, std::vector<std::string>& value);

/// The same with names of hosts.
std::string read_value(std::string_view text, HostNameList& value);

/// Adds the text as it is.
std::string read_value(std::string_view text, TypedWords& value);

// Words of closed sets.
std::string read_value(std::string_view text, report::EventFilter& value);
std::string read_value(std::string_view text, daemon::OnStdoutClosed& value);
std::string read_value(std::string_view text, process::ContainmentChoice& value);
std::string read_value(std::string_view text, report::Durability& value);
std::string read_value(std::string_view text, SchemaChoice& value);
std::string read_value(std::string_view text, Shell& value);

}  // namespace taskrun::cli

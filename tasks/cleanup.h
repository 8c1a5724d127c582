#pragma once

#include "tasks/builtin.h"

namespace taskrun::tasks {

inline constexpr Parameter kCleanupParameters[] = {
    {"directory", ParameterType::string, true, "", "where to clean; it must not be `/` nor a symbolic link"},
    {"older_than", ParameterType::duration, false, "", "delete files that were last written longer ago than this"},
    {"max_total_size", ParameterType::size, false, "",
     "delete the oldest files until the rest takes no more than this"},
    {"keep_newest", ParameterType::integer, false, "",
     "never delete the newest N files; alone, without `older_than` and `max_total_size`, delete all others"},
    {"include", ParameterType::strings, false, R"(["*"])",
     "the files it is about, as glob patterns: one without a slash is matched against the name, one with a slash "
     "against "
     "the path below `directory`"},
    {"exclude", ParameterType::strings, false, "[]", "files to leave alone, as patterns like those of `include`"},
    {"recursive", ParameterType::boolean, false, "false", "look into directories below, too"},
    {"remove_empty_directories", ParameterType::boolean, false, "false",
     "delete directories below that become empty by this run"},
    {"cross_file_systems", ParameterType::boolean, false, "false", "look into other file systems mounted below, too"},
    {"dry_run", ParameterType::boolean, false, "false", "delete nothing; name on stderr what would be deleted"},
};

/// Nothing says what goes, a number is negative, or the directory is none.
[[nodiscard]] std::string problem_of_cleanup(const Arguments& arguments);

/// Deletes regular files of a directory by age, count or total size; one of the three must be given. Never follows a
/// link, so nothing outside the directory is touched, even if somebody renames things meanwhile. Its result has
/// `deleted`, `bytes`, `kept`, `failed` and `dry_run`; Exit::failure where something could not be read or deleted.
[[nodiscard]] Exit run_cleanup(const Arguments& arguments);

}  // namespace taskrun::tasks

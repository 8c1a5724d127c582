#pragma once

#include "tasks/builtin.h"
#include "tasks/http_request.h"

namespace taskrun::tasks {

inline constexpr Parameter kHttpParameters[] = {
    {"url", ParameterType::string, true, "", "the address: `http://` or `https://`"},
    {"method", ParameterType::string, false, R"("GET")", "the request's method",
     "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS"},
    {"body", ParameterType::string, false, "", "the request's body; none where it is left out"},
    {"headers", ParameterType::object, false, "", "headers of the request, name to value"},
    {"headers_from_env", ParameterType::object, false, "",
     "headers whose values are secrets, name to the variable of the task's environment that holds the value; after a "
     "redirect to another origin they are not sent"},
    {"expect_status", ParameterType::strings, false, R"(["200-299"])",
     "the status codes that mean success, each a number or a range"},
    {"follow_redirects", ParameterType::boolean, false, "false", "follow at most 10 redirects"},
    {"timeout", ParameterType::duration, false, "",
     "for the whole exchange; where it is left out, only the task's own timeout ends it"},
    {"max_body", ParameterType::size, false, R"("1MiB")", "a response with a longer body is a failure"},
    {"print_body", ParameterType::boolean, false, "false", "write the response's body to the task's stdout"},
    {"ca_file", ParameterType::string, false, "", "a PEM file of the authorities to trust instead of the system's"},
};

/// One HTTP request. Success where the status is among those expected. Its result has `status` (null where no response
/// came), `duration_ms` and `bytes`, of the response's body. Messages name the URL's origin only: its user, path and
/// query may be secrets. TLS is always verified.
[[nodiscard]] Exit run_http(const Arguments& arguments);

}  // namespace taskrun::tasks

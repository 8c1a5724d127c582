#pragma once

#include <string>

/// What the route table and the shapes say, for people and for programs.
namespace taskrun::control {

/// The tables of docs/control.md, as Markdown: every route, the refusals of the routes, every shape.
[[nodiscard]] std::string route_reference();
[[nodiscard]] std::string refusal_reference();
[[nodiscard]] std::string shape_reference();

/// An OpenAPI 3.1 document, indented, with a final newline.
[[nodiscard]] std::string openapi_document();

}  // namespace taskrun::control

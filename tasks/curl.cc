#include "tasks/curl.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace taskrun::tasks {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";

// Whether the library has the function; `function` is then it.
template <class Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

}  // namespace

Result<Curl> load_curl() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return fail(fmt::format("cannot load {} (Debian: apt install libcurl4)", kLibrary));
  Curl curl;
  decltype(&::curl_global_init) global_init = nullptr;
  const bool is_complete =
      find(library, "curl_global_init", global_init) && find(library, "curl_easy_init", curl.easy_init) &&
      find(library, "curl_easy_cleanup", curl.easy_cleanup) && find(library, "curl_easy_setopt", curl.easy_setopt) &&
      find(library, "curl_easy_perform", curl.easy_perform) && find(library, "curl_easy_getinfo", curl.easy_getinfo) &&
      find(library, "curl_easy_strerror", curl.easy_strerror) &&
      find(library, "curl_slist_append", curl.slist_append) &&
      find(library, "curl_slist_free_all", curl.slist_free_all) && find(library, "curl_url", curl.url) &&
      find(library, "curl_url_set", curl.url_set) && find(library, "curl_url_get", curl.url_get) &&
      find(library, "curl_url_cleanup", curl.url_cleanup) && find(library, "curl_free", curl.free);
  if (!is_complete) return fail(fmt::format("{} is too old: it lacks a function", kLibrary));
  if (global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return fail(fmt::format("cannot set up {}", kLibrary));
  return curl;
}

}  // namespace taskrun::tasks

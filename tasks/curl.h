#pragma once

#include <curl/curl.h>

#include "base/result.h"

namespace taskrun::tasks {

/// libcurl, loaded when the first request is made: loading it (with TLS and all that) takes longer than everything
/// else that taskrun does at its start, and most tasks make no request.
struct Curl {
  decltype(&::curl_easy_init) easy_init = nullptr;
  decltype(&::curl_easy_cleanup) easy_cleanup = nullptr;
  decltype(&::curl_easy_setopt) easy_setopt = nullptr;
  decltype(&::curl_easy_perform) easy_perform = nullptr;
  decltype(&::curl_easy_getinfo) easy_getinfo = nullptr;
  decltype(&::curl_easy_strerror) easy_strerror = nullptr;
  decltype(&::curl_slist_append) slist_append = nullptr;
  decltype(&::curl_slist_free_all) slist_free_all = nullptr;
  decltype(&::curl_url) url = nullptr;
  decltype(&::curl_url_set) url_set = nullptr;
  decltype(&::curl_url_get) url_get = nullptr;
  decltype(&::curl_url_cleanup) url_cleanup = nullptr;
  decltype(&::curl_free) free = nullptr;
};

/// Loads libcurl.so.4 and sets it up; it stays loaded. Fails where the machine has none (Debian: libcurl4) or one too
/// old to have every function above.
[[nodiscard]] Result<Curl> load_curl();

}  // namespace taskrun::tasks

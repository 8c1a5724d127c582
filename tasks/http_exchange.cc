#include "tasks/http_exchange.h"

#include <cctype>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

#include <fmt/format.h>

namespace taskrun::tasks {
namespace {

using Handle = std::unique_ptr<CURL, decltype(&::curl_easy_cleanup)>;
using Address = std::unique_ptr<CURLU, decltype(&::curl_url_cleanup)>;

// The headers of a request in libcurl's own list, which must live as long as the exchange.
class HeaderList {
 public:
  explicit HeaderList(const Curl& curl) : list_(nullptr, curl.slist_free_all), append_(curl.slist_append) {}
  void add(const std::string& line) {
    if (curl_slist* const longer = append_(list_.get(), line.c_str()); longer != nullptr) {
      [[maybe_unused]] const auto* const same_list = list_.release();
      list_.reset(longer);
    }
  }
  [[nodiscard]] curl_slist* get() const { return list_.get(); }

 private:
  std::unique_ptr<curl_slist, decltype(&::curl_slist_free_all)> list_;
  decltype(&::curl_slist_append) append_;
};

// What comes of the response's body; too long a one ends the exchange.
struct BodyReader {
  Bytes limit;
  bool prints = false;
  Bytes length{};
  bool is_too_long = false;
};

std::size_t read_body(const char* bytes, std::size_t size, std::size_t count, void* user) {
  auto& reader = *static_cast<BodyReader*>(user);
  const std::size_t length = size * count;
  reader.length.count += length;
  reader.is_too_long = reader.length > reader.limit;
  if (reader.is_too_long) return 0;
  if (reader.prints) std::fwrite(bytes, 1, length, stdout);
  return length;
}

// GET, HEAD and POST by their own options, because libcurl then knows what their responses look like.
void set_method(const Curl& curl, CURL* handle, const HttpRequest& request) {
  if (request.method == "HEAD") {
    curl.easy_setopt(handle, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST") {
    curl.easy_setopt(handle, CURLOPT_POST, 1L);
  } else if (request.method != "GET" || request.body) {
    curl.easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (request.method != "POST" && !request.body) return;
  const std::string_view body = request.body ? std::string_view(*request.body) : std::string_view("");
  curl.easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
  curl.easy_setopt(handle, CURLOPT_POSTFIELDS, body.data());
}

// libcurl calls a body a form, and waits for leave to send a longer one; neither is asked for here. A header of the
// user's own comes later and wins.
void add_headers(HeaderList& list, const HttpRequest& request) {
  list.add("Content-Type:");
  list.add("Expect:");
  for (const std::string& line : request.headers) list.add(line);
  for (const std::string& line : request.secret_headers) list.add(line);
}

// An older libcurl knows the protocols by bits only.
CURLcode allow_http_only(const Curl& curl, CURL* handle) {
  const CURLcode by_name = curl.easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http,https");
  if (by_name != CURLE_UNKNOWN_OPTION) return by_name;
  constexpr auto kProtocols = static_cast<CURLoption>(181);  // CURLOPT_PROTOCOLS, whose name warns that it is old
  return curl.easy_setopt(handle, kProtocols, static_cast<long>(CURLPROTO_HTTP | CURLPROTO_HTTPS));
}

void set_limits(const Curl& curl, CURL* handle, const HttpRequest& request) {
  if (!request.timeout) return;
  const auto whole = std::chrono::ceil<std::chrono::milliseconds>(*request.timeout);
  curl.easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(whole.count(), 1)));
}

// libcurl's own words, lower case, and the kernel's where it has some.
std::string words_for(const Curl& curl, CURL* handle, CURLcode code) {
  std::string words = curl.easy_strerror(code);
  if (!words.empty()) words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  long number = 0;
  curl.easy_getinfo(handle, CURLINFO_OS_ERRNO, &number);
  const char* const reason = number != 0 ? strerrordesc_np(static_cast<int>(number)) : nullptr;
  return reason != nullptr && code == CURLE_COULDNT_CONNECT ? fmt::format("{}: {}", words, reason) : words;
}

HttpResponse response_of(const Curl& curl, CURL* handle, Bytes body) {
  HttpResponse response{.body = body};
  curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &response.status);
  const char* redirect_to = nullptr;
  curl.easy_getinfo(handle, CURLINFO_REDIRECT_URL, &redirect_to);
  if (redirect_to != nullptr) response.redirect_to = redirect_to;
  return response;
}

std::string part_of(const Curl& curl, CURLU* address, CURLUPart part) {
  char* text = nullptr;
  if (curl.url_get(address, part, &text, 0) != CURLUE_OK) return "";
  std::string copy = text;
  curl.free(text);
  return copy;
}

}  // namespace

Result<HttpResponse> exchange(const Curl& curl, const HttpRequest& request) {
  const Handle handle(curl.easy_init(), curl.easy_cleanup);
  if (handle == nullptr) return fail("cannot begin a request: out of memory", ENOMEM);
  if (allow_http_only(curl, handle.get()) != CURLE_OK) return fail("cannot restrict libcurl to http and https");
  HeaderList headers(curl);
  add_headers(headers, request);
  BodyReader reader{.limit = request.max_body, .prints = request.prints_body};
  curl.easy_setopt(handle.get(), CURLOPT_URL, request.url.c_str());
  curl.easy_setopt(handle.get(), CURLOPT_HTTPHEADER, headers.get());
  curl.easy_setopt(handle.get(), CURLOPT_USERAGENT, "taskrun/" TASKRUN_VERSION);
  curl.easy_setopt(handle.get(), CURLOPT_WRITEFUNCTION, &read_body);
  curl.easy_setopt(handle.get(), CURLOPT_WRITEDATA, &reader);
  if (!request.ca_file.empty()) curl.easy_setopt(handle.get(), CURLOPT_CAINFO, request.ca_file.c_str());
  set_method(curl, handle.get(), request);
  set_limits(curl, handle.get(), request);
  const CURLcode code = curl.easy_perform(handle.get());
  if (reader.is_too_long) return fail(fmt::format("the response is longer than {}", format_bytes(request.max_body)));
  if (code != CURLE_OK) return fail(words_for(curl, handle.get(), code));
  return response_of(curl, handle.get(), reader.length);
}

Result<std::string> origin_of(const Curl& curl, const std::string& url) {
  const Address address(curl.url(), curl.url_cleanup);
  const bool is_url = address != nullptr && curl.url_set(address.get(), CURLUPART_URL, url.c_str(), 0) == CURLUE_OK;
  const std::string scheme = is_url ? part_of(curl, address.get(), CURLUPART_SCHEME) : "";
  if (scheme != "http" && scheme != "https") return fail("argument 'url' is not a URL of http or https");
  const std::string port = part_of(curl, address.get(), CURLUPART_PORT);
  return fmt::format("{}://{}{}{}", scheme, part_of(curl, address.get(), CURLUPART_HOST), port.empty() ? "" : ":",
                     port);
}

}  // namespace taskrun::tasks

#include "database/libpq.h"

#include <dlfcn.h>
#include <fmt/format.h>

namespace taskrun::database {
namespace {

constexpr const char* kLibrary = "libpq.so.5";

tl::unexpected<Failure> unavailable(std::string message) {
  return tl::unexpected(Failure{std::move(message), FailureKind::unavailable});
}

// Finds functions; remembers whether one was missing.
class Finder {
 public:
  explicit Finder(void* library) : library_(library) {}

  template <class Function>
  Finder& find(const char* name, Function& function) {
    function = reinterpret_cast<Function>(::dlsym(library_, name));
    is_complete_ = is_complete_ && function != nullptr;
    return *this;
  }

  [[nodiscard]] bool is_complete() const { return is_complete_; }

 private:
  void* library_;
  bool is_complete_ = true;
};

}  // namespace

Answer<Libpq> load_libpq() {
  void* const library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) return unavailable(fmt::format("cannot load {} (Debian: apt install libpq5)", kLibrary));
  Libpq pq;
  const bool is_complete = Finder(library)
                               .find("PQconninfoParse", pq.conninfo_parse)
                               .find("PQconninfoFree", pq.conninfo_free)
                               .find("PQfreemem", pq.free_memory)
                               .find("PQconnectdbParams", pq.connect)
                               .find("PQfinish", pq.finish)
                               .find("PQstatus", pq.status)
                               .find("PQtransactionStatus", pq.transaction_status)
                               .find("PQerrorMessage", pq.error_message)
                               .find("PQsetNoticeReceiver", pq.set_notice_receiver)
                               .find("PQexec", pq.execute)
                               .find("PQprepare", pq.prepare)
                               .find("PQdescribePrepared", pq.describe_prepared)
                               .find("PQsendQueryPrepared", pq.send_prepared)
                               .find("PQsetSingleRowMode", pq.set_single_row_mode)
                               .find("PQgetResult", pq.get_result)
                               .find("PQenterPipelineMode", pq.enter_pipeline)
                               .find("PQexitPipelineMode", pq.exit_pipeline)
                               .find("PQpipelineSync", pq.pipeline_sync)
                               .find("PQresultStatus", pq.result_status)
                               .find("PQresultErrorField", pq.error_field)
                               .find("PQresultErrorMessage", pq.result_error)
                               .find("PQclear", pq.clear)
                               .find("PQnparams", pq.parameters)
                               .find("PQntuples", pq.tuples)
                               .find("PQnfields", pq.fields)
                               .find("PQfname", pq.field_name)
                               .find("PQftype", pq.field_type)
                               .find("PQgetisnull", pq.is_null)
                               .find("PQgetvalue", pq.value)
                               .find("PQgetlength", pq.length)
                               .find("PQcmdStatus", pq.command)
                               .find("PQcmdTuples", pq.changed)
                               .is_complete();
  if (!is_complete) return unavailable(fmt::format("{} is too old: it lacks a function", kLibrary));
  return pq;
}

}  // namespace taskrun::database

#pragma once

#include <libpq-fe.h>

#include "database/failure.h"

namespace taskrun::database {

/// libpq, loaded when the first session is opened: it brings TLS, Kerberos and LDAP with it, and most tasks have no
/// database.
struct Libpq {
  decltype(&::PQconninfoParse) conninfo_parse = nullptr;
  decltype(&::PQconninfoFree) conninfo_free = nullptr;
  decltype(&::PQfreemem) free_memory = nullptr;
  decltype(&::PQconnectdbParams) connect = nullptr;
  decltype(&::PQfinish) finish = nullptr;
  decltype(&::PQstatus) status = nullptr;
  decltype(&::PQtransactionStatus) transaction_status = nullptr;
  decltype(&::PQerrorMessage) error_message = nullptr;
  decltype(&::PQsetNoticeReceiver) set_notice_receiver = nullptr;
  decltype(&::PQexec) execute = nullptr;
  decltype(&::PQprepare) prepare = nullptr;
  decltype(&::PQdescribePrepared) describe_prepared = nullptr;
  decltype(&::PQsendQueryPrepared) send_prepared = nullptr;
  decltype(&::PQsetSingleRowMode) set_single_row_mode = nullptr;
  decltype(&::PQgetResult) get_result = nullptr;
  decltype(&::PQenterPipelineMode) enter_pipeline = nullptr;
  decltype(&::PQexitPipelineMode) exit_pipeline = nullptr;
  decltype(&::PQpipelineSync) pipeline_sync = nullptr;
  decltype(&::PQresultStatus) result_status = nullptr;
  decltype(&::PQresultErrorField) error_field = nullptr;
  decltype(&::PQresultErrorMessage) result_error = nullptr;
  decltype(&::PQclear) clear = nullptr;
  decltype(&::PQnparams) parameters = nullptr;
  decltype(&::PQntuples) tuples = nullptr;
  decltype(&::PQnfields) fields = nullptr;
  decltype(&::PQfname) field_name = nullptr;
  decltype(&::PQftype) field_type = nullptr;
  decltype(&::PQgetisnull) is_null = nullptr;
  decltype(&::PQgetvalue) value = nullptr;
  decltype(&::PQgetlength) length = nullptr;
  decltype(&::PQcmdStatus) command = nullptr;
  decltype(&::PQcmdTuples) changed = nullptr;
};

/// Loads libpq.so.5; it stays loaded. Fails where the machine has none (Debian: libpq5) or one too old to have every
/// function above (they are there since PostgreSQL 14).
[[nodiscard]] Answer<Libpq> load_libpq();

}  // namespace taskrun::database

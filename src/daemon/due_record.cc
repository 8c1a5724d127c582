#include "daemon/due_record.h"

#include <utility>

namespace taskrun::daemon {
namespace {

class ForgetfulStore : public DueStore {
 public:
  DueMarks load() override { return {}; }
  Result<void> save(const DueMarks&) override { return {}; }
};

}  // namespace

std::unique_ptr<DueStore> make_forgetful_store() { return std::make_unique<ForgetfulStore>(); }

DueRecord::DueRecord(std::unique_ptr<DueStore> store)
    : store_(std::move(store)), before_(store_->load()), has_changed_(!before_.empty()) {}

std::optional<DueMark> DueRecord::take(std::string_view task) {
  const auto found = before_.find(task);
  if (found == before_.end()) return std::nullopt;
  return std::exchange(found->second, {});
}

void DueRecord::remember(const engine::Remember& change) {
  has_changed_ = true;
  if (change.mark) {
    marks_.insert_or_assign(change.task, *change.mark);
  } else {
    marks_.erase(change.task);
  }
}

std::optional<Fact> DueRecord::commit() {
  if (!has_changed_) return std::nullopt;
  before_.clear();
  const auto saved = store_->save(marks_);
  has_changed_ = !saved;
  if (std::exchange(is_degraded_, !saved) == !saved) return std::nullopt;
  return saved ? Fact(HistoryRestored{}) : Fact(HistoryDegraded{saved.error().message});
}

}  // namespace taskrun::daemon

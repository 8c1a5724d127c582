#include "schedule/schedule.h"

namespace taskrun {

Cron::Cron(std::vector<CronExpression> expressions)
    : expressions_(std::make_shared<const std::vector<CronExpression>>(std::move(expressions))) {}

std::optional<WallTime> next_due(const CronExpression&, WallTime) { return std::nullopt; }

std::optional<WallTime> next_due(const Cron& cron, WallTime after) {
  return next_due(cron.expressions().front(), after);
}

}  // namespace taskrun

// What the scripts of completion_script.h ask, at each press of a key: a line that says what to offer and what stands
// before it, then the candidates, each with its meaning behind a tab. Mistakes are no business of somebody who is still
// typing, so nothing is ever said about them.

#include <algorithm>

#include <fmt/format.h>

#include "base/limits.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/completion_names.h"
#include "cli/exit_codes.h"
#include "cli/run.h"

namespace taskrun::cli {
namespace {

std::string_view offer_of(Wanted wanted) {
  switch (wanted) {
    case Wanted::file: return "files";
    case Wanted::directory: return "directories";
    case Wanted::program: return "programs";
    case Wanted::nothing:
    case Wanted::word:
    case Wanted::task:
    case Wanted::tag:
    case Wanted::built_in:
    case Wanted::instance:
    case Wanted::zone: return "words";
  }
  __builtin_unreachable();
}

bool is_offered(const Completion& completion, const Candidate& candidate) {
  return candidate.text.starts_with(completion.begun) &&
         std::ranges::find(completion.given, candidate.text) == completion.given.end();
}

}  // namespace

int complete_words(const CompleteWordsOptions& options) {
  const Completion completion = complete(options.words.list);
  // Somebody who pastes a line break is not completed: the answer has lines.
  if (printable(completion.prefix, completion.prefix.size() + 1) != completion.prefix) return kDone;
  std::vector<Candidate> candidates = completion.wanted == Wanted::word ? completion.words : names_for(completion);
  std::erase_if(candidates, [&](const Candidate& candidate) { return !is_offered(completion, candidate); });
  if (candidates.size() > limits::kCompletions) candidates.clear();
  std::string out = fmt::format("{}\t{}\n", offer_of(completion.wanted), completion.prefix);
  for (const Candidate& candidate : candidates) {
    out += fmt::format("{}{}\t{}\n", completion.prefix, candidate.text, printable(candidate.meaning, 60));
  }
  return answer(out);
}

}  // namespace taskrun::cli

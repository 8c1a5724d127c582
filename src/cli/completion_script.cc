// Each script takes the words up to the cursor, without their quotes, and gives them to `taskrun complete-words`. The
// first line of the answer says what to offer ("words", "files", "directories", "programs") and, behind a tab, what
// stands before it in the same word; each further line is a word and, behind a tab, its meaning. Nothing of the answer
// is ever expanded or evaluated.

#include "cli/completion_script.h"

namespace taskrun::cli {
namespace {

constexpr std::string_view kBash = R"script(# bash completion for taskrun, made by: taskrun completion bash

# A word as the shell will see it: without quotes and backslashes. Sets REPLY.
_taskrun_unquoted() {
  local text=$1 quote='' char i
  REPLY=''
  if [[ $text == '~/'* ]]; then text=$HOME${text:1}; fi
  for ((i = 0; i < ${#text}; i++)); do
    char=${text:i:1}
    if [[ $char == "$quote" ]]; then
      quote=''
    elif [[ -z $quote && ($char == \' || $char == \") ]]; then
      quote=$char
    elif [[ $char == \\ && $quote != \' ]]; then
      i=$((i + 1))
      REPLY+=${text:i:1}
    else
      REPLY+=$char
    fi
  done
}

_taskrun() {
  local program=${1:-${COMP_WORDS[0]}} words=() answer=() offer prefix skip text i REPLY
  COMPREPLY=()
  ((COMP_CWORD > 0)) || return 0
  # bash takes = and : for words of their own; here they belong to the words beside them.
  for ((i = 1; i <= COMP_CWORD; i++)); do
    _taskrun_unquoted "${COMP_WORDS[i]}"
    if ((i > 1)) && [[ (${COMP_WORDS[i]} == = && ${words[-1]} == --*) || ${COMP_WORDS[i]} == : ||
      (${COMP_WORDS[i - 1]} == = && ${words[-1]} == --*=) || (${COMP_WORDS[i - 1]} == : && ${words[-1]} == *:) ]]; then
      words[-1]+=$REPLY
    else
      words+=("$REPLY")
    fi
  done
  # What stands left of the part that bash replaces.
  skip=$((${#words[-1]} - ${#REPLY}))
  if [[ $REPLY == = || $REPLY == : ]]; then skip=${#words[-1]}; fi

  program=${program/#'~/'/$HOME/}
  type -P -- "$program" >/dev/null || program=taskrun
  mapfile -t answer < <("$program" complete-words -- "${words[@]}" 2>/dev/null)
  ((${#answer[@]} > 0)) || return 0
  offer=${answer[0]%%$'\t'*}
  prefix=${answer[0]#*$'\t'}
  text=${words[-1]:${#prefix}}
  case $offer in
    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$text") ;;
    directories) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -d -- "$text") ;;
    programs) mapfile -t COMPREPLY < <(compgen -c -- "$text") ;;
    words)
      for text in "${answer[@]:1}"; do
        text=${text%%$'\t'*}
        text=${text:skip}
        if [[ $text == *[!A-Za-z0-9._,=:/@%+-]* ]]; then printf -v text %q "$text"; fi
        COMPREPLY+=("$text")
      done
      ;;
  esac
}

complete -F _taskrun taskrun
)script";

constexpr std::string_view kZsh = R"script(#compdef taskrun
# zsh completion for taskrun, made by: taskrun completion zsh

_taskrun() {
  local program=${(Q)words[1]} offer prefix line
  local -a typed answer known
  typed=("${(@Q)words[2,CURRENT-1]}" "${(Q)PREFIX}")
  program=${program/#\~\//$HOME/}
  whence -p -- "$program" >/dev/null || program=taskrun
  answer=("${(@f)$("$program" complete-words -- "${typed[@]}" 2>/dev/null)}")
  offer=${answer[1]%%$'\t'*}
  prefix=${answer[1]#*$'\t'}
  case $offer in
    files | directories)
      if [[ -n $prefix ]]; then compset -P '*='; fi
      if [[ $offer == files ]]; then _files; else _files -/; fi
      ;;
    programs) _command_names -e ;;
    words)
      for line in "${(@)answer[2,-1]}"; do
        known+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
      done
      (( ${#known} )) && _describe -V taskrun known
      ;;
  esac
}

if [[ ${funcstack[1]-} == _taskrun ]]; then
  _taskrun "$@"
else
  compdef _taskrun taskrun
fi
)script";

constexpr std::string_view kFish = R"script(# fish completion for taskrun, made by: taskrun completion fish

function __taskrun_complete
    set -l typed (commandline -opc)
    set -l last (string unescape -- (commandline -ct))
    set -l program (string replace -r '^~/' "$HOME/" -- $typed[1])
    command -q -- $program; or set program taskrun
    set -l answer (command $program complete-words -- $typed[2..-1] "$last" 2>/dev/null)
    set -l head (string split -m 1 \t -- "$answer[1]")
    set -l begun (string sub -s (math 1 + (string length -- "$head[2]")) -- "$last")
    switch "$head[1]"
        case files
            for path in (__fish_complete_path "$begun")
                echo -- "$head[2]$path"
            end
        case directories
            for path in (__fish_complete_directories "$begun")
                echo -- "$head[2]$path"
            end
        case programs
            __fish_complete_external_command
        case words
            string join -- \n $answer[2..-1]
    end
end

complete -c taskrun -f -k -a '(__taskrun_complete)'
)script";

}  // namespace

std::string_view completion_script(Shell shell) {
  switch (shell) {
    case Shell::bash: return kBash;
    case Shell::zsh: return kZsh;
    case Shell::fish: return kFish;
  }
  __builtin_unreachable();
}

}  // namespace taskrun::cli

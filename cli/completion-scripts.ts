/**
 * The scripts that make a shell complete `gameplan`. Each asks the command that is being typed, so that a project's own
 * version answers for itself.
 * They know nothing of commands and names: that is what `gameplan complete -- WORDS` answers (complete.ts).
 */
import type {SHELLS} from './completion-values.ts';

/** For bash 3.2 and newer. Bash takes `:`, `@` and `=` for ends of words: what stands before them is not said again. */
const BASH = `# Completion of gameplan for bash: add to ~/.bashrc
#   eval "$(gameplan completion bash)"
_gameplan() {
  local IFS=$' \\t\\n' line=\${COMP_LINE:0:$COMP_POINT} command=\${1/#\\~/$HOME} words current prefix= sign head value
  read -r -d '' -a words <<< "$line"
  [[ $line == *[[:space:]] ]] && words+=('')
  current=\${words[\${#words[@]}-1]}
  if [[ $current == [\\"\\']* ]]; then
    current=\${current:1}
  else
    for sign in : @ =; do
      [[ $COMP_WORDBREAKS == *"$sign"* && $current == *"$sign"* ]] || continue
      head=\${current%"$sign"*}$sign
      (( \${#head} > \${#prefix} )) && prefix=$head
    done
  fi
  words[\${#words[@]}-1]=$current
  COMPREPLY=()
  while IFS=$'\\t' read -r value _; do
    [[ -n $value ]] || continue
    COMPREPLY+=("\${value#"$prefix"}")
    [[ $value == *[-@] ]] && type compopt &> /dev/null && compopt -o nospace 2> /dev/null
  done < <("$command" complete -- "\${words[@]:1}" 2> /dev/null)
}
complete -o default -F _gameplan gameplan
`;

const ZSH = `#compdef gameplan
# Completion of gameplan for zsh: add to ~/.zshrc after compinit
#   eval "$(gameplan completion zsh)"
_gameplan() {
  local line value
  local -a values shown open openShown
  for line in "\${(@f)$("\${words[1]/#\\~/$HOME}" complete -- "\${(@Q)words[2,CURRENT-1]}" "\${(Q)PREFIX}" 2> /dev/null)}"; do
    value=\${line%%$'\\t'*}
    [[ -n $value ]] || continue
    line=\${line/$'\\t'/  }
    if [[ $value == *[-@] ]]; then
      open+=("$value") openShown+=("$line")
    else
      values+=("$value") shown+=("$line")
    fi
  done
  if (( \${#values} + \${#open} == 0 )); then
    _files
    return
  fi
  (( \${#values} )) && compadd -l -d shown -a values
  (( \${#open} )) && compadd -S '' -d openShown -a open
  return 0
}
compdef _gameplan gameplan
`;

const FISH = `# Completion of gameplan for fish: add to ~/.config/fish/config.fish
#   gameplan completion fish | source
function __gameplan_complete
  set -l words (commandline -opc)
  set -l found ($words[1] complete -- $words[2..-1] (commandline -ct) 2> /dev/null)
  if test (count $found) -gt 0
    printf '%s\\n' $found
  else
    __fish_complete_path (commandline -ct)
  end
end
complete -c gameplan -f -a '(__gameplan_complete)'
`;

export const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = {bash: BASH, zsh: ZSH, fish: FISH};

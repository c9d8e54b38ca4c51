"""Print the completion of bash for `edgeweb`, made of the command line itself.

The file is static: a Tab starts no Python, and no other process either. It needs nothing of the package
bash-completion but that it is loaded from there. Source: bash(1), "Programmable Completion".
"""

from __future__ import annotations

from collections.abc import Iterator

from edgeweb.device.config.profile import shipped_profiles

from .interface import Argument, Command, read, walk

_HEAD = """\
# bash completion for edgeweb. Made by scripts/debian/completion.py of the parser of each command.
# shellcheck shell=bash

# _edgeweb_command COMMAND: sets "commands" and "options" to the words that may follow.
_edgeweb_command() {
  commands='' options=''
  case $1 in
"""

_VALUES = """\
  esac
}

# _edgeweb_value COMMAND OPTION|POSITION: sets "kind" to what is expected there; fails where nothing is.
_edgeweb_value() {
  kind=''
  case "$1 $2" in
"""

_BODY = r"""    *) return 1 ;;
  esac
}

# _edgeweb_words WORDS: offers those of them that begin like what is entered.
_edgeweb_words() {
  local word
  for word in $1; do [[ $word != "$cur"* ]] || COMPREPLY+=("$word"); done
}

# _edgeweb_paths OPTION: offers files (-f) or folders (-d).
_edgeweb_paths() {
  compopt -o filenames -o default 2>/dev/null
  mapfile -t -O ${#COMPREPLY[@]} COMPREPLY < <(compgen "$1" -- "$cur")
}

# _edgeweb_devices SUFFIX: offers the names in the list of "edgeweb remote".
_edgeweb_devices() {
  local line list=${XDG_CONFIG_HOME:-$HOME/.config}/edgeweb/remotes.toml
  [[ -r $list ]] || return
  while read -r line; do
    [[ $line =~ ^\[([A-Za-z0-9_-]+)\] ]] && _edgeweb_words "${BASH_REMATCH[1]}$1"
  done <"$list"
}

_edgeweb() {
  local IFS=$' \t\n' cur=${COMP_WORDS[COMP_CWORD]} path='' word commands options kind
  local -i i position=1 is_value=0 ended=0
  COMPREPLY=()
  _edgeweb_command ''
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == : || ${COMP_WORDS[i - 1]} == : ]]; then
      # readline makes three words of module:app.
      continue
    elif [[ $word == -- ]]; then
      ended=1
    elif [[ $word == -* ]] && ((!ended)); then
      _edgeweb_value "$path" "$word" || continue
      # And of --option=value.
      [[ ${COMP_WORDS[i + 1]} != = ]] || ((++i))
      ((++i < COMP_CWORD)) || is_value=1
    elif [[ " $commands " == *" $word "* ]]; then
      path=${path:+$path }$word
      _edgeweb_command "$path"
    else
      ((position += 1))
    fi
  done
  [[ $cur != = ]] || cur=''
  if ((!is_value)); then
    if [[ $cur == -* ]] && ((!ended)); then
      _edgeweb_words "$options"
      return
    elif [[ $commands ]]; then
      _edgeweb_words "$commands"
      return
    fi
    _edgeweb_value "$path" "$position" || _edgeweb_value "$path" + || return
  fi
  case $kind in
    file) _edgeweb_paths -f ;;
    folder) _edgeweb_paths -d ;;
    program) if ((position == 1)); then _edgeweb_paths -c; else _edgeweb_paths -f; fi ;;
    device) _edgeweb_devices '' ;;
    channel)
      compopt -o nospace 2>/dev/null
      _edgeweb_devices /
      ;;
    profile)
      _edgeweb_paths -f
      _edgeweb_words "$profiles"
      ;;
    =*) _edgeweb_words "${kind#=}" ;;
  esac
}

complete -F _edgeweb edgeweb
"""


def main() -> None:
    print("".join(script(read())), end="")


def script(program: Command) -> Iterator[str]:
    """Yield the script, in parts."""
    yield _HEAD
    for command in walk(program):
        options = " ".join(name for option in command.options for name in option.names)
        below = " ".join(found.words[-1] for found in command.commands)
        names = f"commands='{below}' " if below else ""
        yield f"    '{command.name}') {names}options='{options}' ;;\n"
    yield _VALUES
    # A pattern of several commands for each kind: the file is read on a slow board.
    patterns: dict[str, list[str]] = {}
    for command in walk(program):
        for name, argument in _places(command):
            # Of an option it has to be known that a value follows, whatever that is.
            if _kind(argument) or argument.names:
                patterns.setdefault(_kind(argument), []).append(f"'{command.name} {name}'")
    for kind, found in patterns.items():
        yield f"    {' | '.join(found)}) kind='{kind}' ;;\n"
    yield _BODY.replace('"$profiles"', f"'{' '.join(shipped_profiles())}'")


def _places(command: Command) -> Iterator[tuple[str, Argument]]:
    """Yield what has a value, with its option or its position; + stands for all positions that follow."""
    for option in command.options:
        for name in option.names if option.value else ():
            yield name, option
    for number, value in enumerate(command.values, 1):
        yield "+" if value.repeats else str(number), value


def _kind(argument: Argument) -> str:
    return f"={' '.join(argument.choices)}" if argument.choices else argument.kind


if __name__ == "__main__":
    main()

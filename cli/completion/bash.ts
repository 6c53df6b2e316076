import type { Command, OptionHelp } from '../command.js';
import { kindOf, optionsOf, quoted, type Vocabulary } from './words.js';

/** For bash 4 and later, without the package bash-completion. */
export function bashCompletion({ commands, bare }: Vocabulary): string {
  const names = commands.map(({ name }) => name);
  return `# Completion of coscribe for bash: eval "$(coscribe completion bash)"
_coscribe() {
  local current="\${COMP_WORDS[COMP_CWORD]}" previous="\${COMP_WORDS[COMP_CWORD-1]}" command=${bare.name} words=''
  # "--auth=li" are three words here.
  if [[ $current == '=' ]]; then current=''; elif [[ $previous == '=' ]]; then previous="\${COMP_WORDS[COMP_CWORD-2]}"; fi
  if [[ $COMP_CWORD -eq 1 && $current != -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W ${quoted(names.join(' '))} -- "$current")
    return
  fi
  if [[ \${COMP_WORDS[1]} != -* ]]; then command="\${COMP_WORDS[1]}"; fi
  case "$command $previous" in
${commands.flatMap(valueCases).join('\n')}
  esac
  case "$command" in
    help) words=${quoted(names.join(' '))} ;;
    completion) words='bash zsh fish' ;;
  esac
  if [[ $current == -* ]]; then
    case "$command" in
${commands.map(flagCase).join('\n')}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  if [[ -z $words ]]; then mapfile -t COMPREPLY < <(compgen -f -- "$current"); fi
}
complete -o filenames -F _coscribe coscribe`;
}

function valueCases(command: Command): string[] {
  const groups = new Map<string, string[]>();
  for (const option of optionsOf(command)) {
    const reply = replyOf(option);
    if (reply === undefined) continue;
    groups.set(reply, [...(groups.get(reply) ?? []), ...flagsOf(option)]);
  }
  return [...groups].map(
    ([reply, flags]) =>
      `    ${flags.map((flag) => quoted(`${command.name} ${flag}`)).join('|')}) ${reply}; return ;;`,
  );
}

/** What completes the value of an option; `undefined` if it has none. */
function replyOf(option: OptionHelp): string | undefined {
  switch (kindOf(option)) {
    case 'none':
      return undefined;
    case 'choices':
      return `mapfile -t COMPREPLY < <(compgen -W ${quoted((option.choices ?? []).join(' '))} -- "$current")`;
    case 'folder':
      return 'mapfile -t COMPREPLY < <(compgen -d -- "$current")';
    case 'file':
      return 'mapfile -t COMPREPLY < <(compgen -f -- "$current")';
    case 'other':
      return 'COMPREPLY=()';
  }
}

function flagCase(command: Command): string {
  const flags = optionsOf(command).flatMap(flagsOf);
  return `      ${command.name}) words=${quoted(flags.join(' '))} ;;`;
}

function flagsOf({ name, short }: OptionHelp): string[] {
  return short === undefined ? [`--${name}`] : [`--${name}`, `-${short}`];
}

import type { Command, OptionHelp } from '../command.js';
import { kindOf, optionsOf, quoted, type Vocabulary } from './words.js';

export function zshCompletion({ commands, bare }: Vocabulary): string {
  const names = commands.map(({ name }) => name).join(' ');
  return `#compdef coscribe
# Completion of coscribe for zsh: eval "$(coscribe completion zsh)", or this file as _coscribe in a folder of $fpath
_coscribe() {
  local -a commands=(
${commands.map(({ name, summary }) => `    ${quoted(`${name}:${colonless(summary)}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )) && [[ $words[2] != -* ]]; then
    _describe command commands
    return
  fi
  local command=$words[2]
  if [[ $command == -* ]]; then command=${bare.name}; else shift words; (( CURRENT-- )); fi
  case $command in
${commands.map((command) => commandCase(command, names)).join('\n')}
  esac
}
if [[ $funcstack[1] == _coscribe ]]; then _coscribe "$@"; else compdef _coscribe coscribe; fi`;
}

function commandCase(command: Command, names: string): string {
  const rest = restOf(command.name, names);
  const specs = [...optionsOf(command).flatMap(specsOf), rest].map((spec) => `        ${quoted(spec)}`);
  return `    ${command.name})\n      _arguments -s \\\n${specs.join(' \\\n')}\n      ;;`;
}

function restOf(name: string, names: string): string {
  if (name === 'completion') return '1:shell:(bash zsh fish)';
  return name === 'help' ? `1:command:(${names})` : '*:file:_files';
}

function specsOf(option: OptionHelp): string[] {
  const { name, short, value, optional, multiple, help } = option;
  const text = `[${help.replace(/[[\]:\\]/g, '\\$&')}]`;
  const repeat = multiple ? '*' : '';
  const action = actionOf(option);
  const long = `${repeat}--${name}${value === undefined ? '' : optional ? '=-' : '='}${text}${action}`;
  return short === undefined ? [long] : [long, `${repeat}-${short}${text}${action}`];
}

function actionOf(option: OptionHelp): string {
  const { value, choices = [], optional } = option;
  if (value === undefined) return '';
  const name = `${optional ? '::' : ':'}${colonless(value)}:`;
  switch (kindOf(option)) {
    case 'choices':
      return `${name}(${choices.join(' ')})`;
    case 'folder':
      return `${name}_files -/`;
    case 'file':
      return `${name}_files`;
    default:
      return `${name} `;
  }
}

function colonless(text: string): string {
  return text.replaceAll(':', '\\:');
}

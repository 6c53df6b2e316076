import type { Command, OptionHelp } from '../command.js';
import { kindOf, optionsOf, type Vocabulary } from './words.js';

export function fishCompletion({ commands, bare }: Vocabulary): string {
  const names = commands.map(({ name }) => name).join(' ');
  const lines = commands.flatMap((command) => {
    const when = `__coscribe_is ${command.name}`;
    return [
      `complete -c coscribe -n __coscribe_first -f -a ${command.name} -d ${quoted(command.summary)}`,
      ...optionsOf(command).map((option) => optionLine(option, when)),
      ...operandLines(command, when, names),
    ];
  });
  return `# Completion of coscribe for fish: coscribe completion fish | source
function __coscribe_first
    test (count (commandline -opc)) -eq 1
end
function __coscribe_is
    set -l words (commandline -opc)
    set -l word "$words[2]"
    # Flags without a command are those of this one.
    string match -qr '^(-|$)' -- $word; and set word ${bare.name}
    test $word = $argv[1]
end
${lines.join('\n')}`;
}

function optionLine(option: OptionHelp, when: string): string {
  const { name, short, help, choices = [] } = option;
  const flags = `-l ${name}${short === undefined ? '' : ` -s ${short}`}`;
  const values = {
    none: '',
    choices: ` -x -a ${quoted(choices.join(' '))}`,
    folder: " -x -a '(__fish_complete_directories)'",
    file: ' -r -F',
    other: ' -x',
  };
  return `complete -c coscribe -n ${quoted(when)} ${flags}${values[kindOf(option)]} -d ${quoted(help)}`;
}

function operandLines({ name }: Command, when: string, names: string): string[] {
  const words = { help: names, completion: 'bash zsh fish' }[name];
  return words === undefined ? [] : [`complete -c coscribe -n ${quoted(when)} -f -a ${quoted(words)}`];
}

/** As fish reads it: the backslash counts between single quotes, too. */
function quoted(text: string): string {
  return `'${text.replace(/[\\']/g, '\\$&')}'`;
}

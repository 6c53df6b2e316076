/** An option of a command: the parser, the help and shell completion all go by this. */
export interface OptionHelp {
  /** Without the dashes. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What stands for its value in the help: `FILE`, `N`; absent for a switch. `FILE` and `DIR` are completed with names of files. */
  readonly value?: string;
  /** The value may be left out, and is written `--name=VALUE` otherwise. */
  readonly optional?: true;
  /** May be given several times. Without it the last one counts. */
  readonly multiple?: true;
  /** The only values there are, if they can be counted. */
  readonly choices?: readonly string[];
  /** A sentence, with the default. */
  readonly help: string;
}

import type { CommandIo } from './command.js';

/** What can be made to stand out. */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
}

const PLAIN: Paint = { bold: (text) => text, dim: (text) => text };
const COLOURED: Paint = {
  bold: (text) => `\u001b[1m${text}\u001b[22m`,
  dim: (text) => `\u001b[2m${text}\u001b[22m`,
};

/** On terminals only, and not where `NO_COLOR` is set to anything (https://no-color.org). */
export function paintFor({ isTTY }: { readonly isTTY?: boolean }, env: CommandIo['env']): Paint {
  return isTTY === true && !env.NO_COLOR && env.TERM !== 'dumb' ? COLOURED : PLAIN;
}

import type { CommandIo } from './command.js';
import type { Page } from './help.js';
import { paintFor } from './paint.js';
import { widthOf } from './wrap.js';

/** How help looks where it is written to. */
export function pageFor({ stdout, env }: Pick<CommandIo, 'stdout' | 'env'>): Page {
  return { width: widthOf(stdout), paint: paintFor(stdout, env) };
}

import { CoscribeError } from '../../shared/errors.js';
import type { Call } from './call.js';
import { quoted } from './json-body.js';

/**
 * The parameters in the address of a request.
 *
 * @param known those that it may have
 * @throws CoscribeError `bad-request` for one that is not known, or is given twice
 */
export function queryOf<K extends string>(
  c: Call,
  known: readonly K[] = [],
): Readonly<Partial<Record<K, string>>> {
  const given: Partial<Record<K, string>> = {};
  for (const [name, values] of Object.entries(c.req.queries())) {
    const found = known.find((one) => one === name);
    if (found === undefined) throw new CoscribeError('bad-request', sentenceAbout(name, known));
    if (values.length > 1)
      throw new CoscribeError('bad-request', `the parameter "${found}" is given more than once`);
    given[found] = values[0] ?? '';
  }
  return given;
}

function sentenceAbout(name: string, known: readonly string[]): string {
  const has =
    known.length === 0 ? 'it has none' : `it has ${known.map((one) => JSON.stringify(one)).join(', ')}`;
  return `${quoted(name)} is no parameter of this request; ${has}`;
}

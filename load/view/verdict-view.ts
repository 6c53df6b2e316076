import type { Quantiles } from '../histogram.js';
import type { Problem } from '../messages.js';
import type { LoadResult, ObjectiveResult } from '../result.js';
import { amount, count, milliseconds, span } from './words.js';

/** Problems that are told one by one; the report has all of them. */
const MAX_PROBLEMS = 10;

/** What is said when a run is over: the figures, what to know about them, and the verdict. */
export function verdictLines(result: LoadResult): string[] {
  return [
    '',
    ...figures(result),
    ...limit(result),
    ...faults(result),
    ...goodbyes(result.goodbyes),
    ...errors(result.errors),
    ...result.objectives.map(objective),
    ...result.notes.map((note) => `note      ${note}`),
    '',
    ...verdict(result),
    ...problems(result.verdict.problems),
    outcome(result),
  ];
}

function figures({ total, phases, settings }: LoadResult): string[] {
  const measured = phases.find(({ name }) => name === 'measure');
  const long = measured === undefined ? total.seconds : measured.until - measured.from;
  const connected =
    total.clients === settings.clients ? '' : ` (${amount(total.clients)} connected on average)`;
  const average = total.typists === settings.typists ? '' : ' on average';
  return [
    `measured  ${span(long)} with ${count(Number(settings.clients), 'client')}${connected}, ${amount(total.typists)} of them typing${average}`,
    `edits     ${amount(total.typed)} typed (${amount(total.typedPerSecond)}/s), shown ${amount(total.delivered)} times (${amount(total.deliveredPerSecond)}/s)`,
    latency('saved', total.ackMs),
    latency('shown', total.shownMs),
    latency('joined', total.joinMs),
    ...(total.reconnects === 0 ? [] : [`came back ${count(total.reconnects, 'time')}`]),
  ];
}

function latency(label: string, { count: number, p50, p90, p99, p999, max }: Quantiles): string {
  if (number === 0) return `${label.padEnd(10)}nothing to measure`;
  const values = [
    ['p50', p50],
    ['p90', p90],
    ['p99', p99],
    ['p99.9', p999],
    ['max', max],
  ] as const;
  return label.padEnd(10) + values.map(([name, value]) => `${name} ${milliseconds(value)}`).join('  ');
}

function limit({ limit: found, steps, settings, outcome: ended }: LoadResult): string[] {
  const why = ended === 'interrupted' ? 'interrupted' : 'given up';
  if (found === undefined)
    return settings.find === undefined
      ? []
      : [`limit     ${settings.find} not found: ${why} before one level was measured`];
  const { objective: line, typists, held: most, broke } = found;
  if (!found.complete) {
    const sofar = [
      ...(most === 0 ? [] : [`held with ${count(most, 'typist')}`]),
      ...(broke === null ? [] : [`broke with ${count(broke, 'typist')}`]),
    ];
    return [`limit     ${line} not found: ${why}; ${sofar.join(', ')} so far`];
  }
  if (broke === null && typists > 0)
    return [
      `limit     ${line} held with all ${count(typists, 'typist')}; give more --clients to find where it breaks`,
    ];
  if (typists === 0 || !steps.some(({ held }) => held))
    return [`limit     ${line} did not hold with ${count(broke ?? 1, 'typist')} either`];
  return [
    `limit     ${line} breaks at about ${count(typists, 'typist')} (${count(steps.length, 'level')} measured)`,
  ];
}

function faults({ faults: all }: LoadResult): string[] {
  if (all.length === 0) return [];
  const kinds = new Map<string, number>();
  for (const { kind } of all) kinds.set(kind, (kinds.get(kind) ?? 0) + 1);
  return [`faults    ${[...kinds].map(([kind, number]) => `${kind} ${number}`).join(', ')}`];
}

/** They are no errors: a node that stops in order sends its clients to another one. */
function goodbyes(number: number): string[] {
  return number === 0 ? [] : [`goodbyes  ${count(number, 'time')}, of nodes that stopped`];
}

function errors(all: LoadResult['errors']): string[] {
  const most = Object.entries(all).sort(([, a], [, b]) => b - a);
  if (most.length === 0) return [];
  return [`errors    ${most.map(([code, number]) => `${code} ${amount(number)}`).join(', ')}`];
}

function objective({ objective: line, held, found }: ObjectiveResult): string {
  const value = line.startsWith('errors')
    ? found === null
      ? '–'
      : `${(100 * found).toFixed(2)} %`
    : milliseconds(found);
  return `${held ? '✓' : '✗'} ${line}: ${value}`;
}

function verdict({ verdict: found }: LoadResult): string[] {
  const { equal, ackedKept, nothingForeign, checked, problems: wrong } = found;
  const unread = wrong.some(({ kind }) => kind === 'unreadable');
  const unknown = unread ? 'not known, for not every document could be read again' : 'not known';
  const sentence = (is: boolean | undefined, yes: string, no: string, how: string): string => {
    if (is === undefined) return `? ${yes}: ${unknown}`;
    return is ? `✓ ${yes} (${how})` : `✗ ${no} (${how})`;
  };
  const looked = `${count(checked.clients, 'client')} in ${count(checked.documents, 'document')}, ${count(checked.freshReads, 'fresh read')}`;
  return [
    sentence(equal, 'All clients are equal', 'Not all clients are equal', looked),
    sentence(
      ackedKept,
      'No acknowledged edit is lost',
      'Acknowledged edits are lost',
      `${count(checked.ackedEdits, 'acknowledged edit')} looked for`,
    ),
    sentence(
      nothingForeign,
      'There is no text that nobody typed',
      'There is text that nobody typed',
      `${count(checked.characters, 'character')} compared`,
    ),
    ...(wrong.some(({ kind }) => kind === 'gone') ? ['✗ Text is gone that nobody deleted'] : []),
  ];
}

function problems(all: readonly Problem[]): string[] {
  const shown = all.slice(0, MAX_PROBLEMS).map(({ message }) => `  - ${message}`);
  return all.length > MAX_PROBLEMS ? [...shown, `  … and ${all.length - MAX_PROBLEMS} more`] : shown;
}

function outcome({ outcome: is, reason, settings }: LoadResult): string {
  const words = { passed: 'Passed', failed: 'Failed', interrupted: 'Interrupted', 'target-lost': 'Given up' };
  return `${words[is]}${reason === undefined ? '' : `: ${reason}`} (seed ${settings.seed})`;
}

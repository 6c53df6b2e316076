import { describe, expect, test } from '@jest/globals';
import type { ProblemKind } from '../../../load/messages.js';
import { CouldNotBegin } from '../../../load/run/course-types.js';
import { exitCodeOf } from '../../../load/run/verdict.js';
import { verdictLines } from '../../../load/view/verdict-view.js';
import { play } from '../../support/play-course.js';
import { CHECKED, type Script } from '../../support/scripted-generator.js';

function problem(kind: ProblemKind) {
  return { kind, document: 'load/1', message: `${kind}!` };
}

describe('a run', () => {
  test('[LOAD8] everybody comes, types, gets everything, is compared, and goes', async () => {
    const { result, generators, course } = await play({ scripts: [{ arrivesMs: 1_000 }, {}] });
    expect(generators.map(({ commands }) => commands.map(({ kind }) => kind))).toEqual([
      ['begin', 'sample', 'settle', 'check', 'end'],
      ['begin', 'sample', 'settle', 'check', 'end'],
    ]);
    expect(result).toMatchObject({
      outcome: 'passed',
      verdict: { equal: true, ackedKept: true, nothingForeign: true, problems: [] },
      total: { clients: 8, typists: 4, typedPerSecond: 12 },
    });
    expect(result.verdict.checked).toEqual({
      ...CHECKED,
      documents: 2,
      clients: 4,
      freshReads: 2,
      ackedEdits: 200,
      characters: 400,
    });
    expect(course.phases.map(({ name }) => name)).toEqual([
      'arrive',
      'warm-up',
      'measure',
      'settle',
      'check',
    ]);
    const measured = course.phases[2];
    expect((measured?.until ?? 0) - (measured?.from ?? 0)).toBe(10);
    expect(exitCodeOf(result)).toBe(0);
  });

  test('[LOAD8] each process is told the truth of its own documents, as all processes know it', async () => {
    const { generators } = await play({ line: '--docs 1', scripts: [{}, {}] });
    const told = generators.map(({ commands }) => commands.find(({ kind }) => kind === 'check'));
    expect(told[0]).toEqual(told[1]);
    expect(told[0]).toMatchObject({ truth: [{ name: 'load/run-1', typists: [] }] });
  });

  test.each([
    ['differs', { equal: false, ackedKept: true, nothingForeign: true }],
    ['unfinished', { equal: false, ackedKept: true, nothingForeign: true }],
    ['acked-lost', { equal: true, ackedKept: false, nothingForeign: true }],
    ['not-typed', { equal: true, ackedKept: true, nothingForeign: false }],
    ['gone', { equal: true, ackedKept: false, nothingForeign: true }],
    ['refused', { equal: true, ackedKept: true, nothingForeign: true }],
  ] as const)('[LOAD8] a problem "%s" fails it, with exit code 1', async (kind, verdict) => {
    const { result } = await play({ scripts: [{}, { problems: [problem(kind)] }] });
    expect(result.outcome).toBe('failed');
    expect(result.verdict).toMatchObject(verdict);
    expect(result.verdict.problems).toHaveLength(1);
    expect(exitCodeOf(result)).toBe(1);
  });

  test('[LOAD8] a short run is measured as long as it was asked for, to the last edit, with everybody who typed', async () => {
    const scripts = [{ arrivesMs: 500 }, { arrivesMs: 1_500 }];
    const { result } = await play({ line: '--warm-up 0 --duration 2s --slo p99<50ms', scripts });
    expect(result.total).toMatchObject({ seconds: 2, clients: 8, typists: 4, typed: 24, acked: 24 });
    expect(result.objectives).toEqual([expect.objectContaining({ held: true })]);
    expect(result.total.ackMs.p99).toBeCloseTo(5, 1);
  });

  test('[LOAD10] of a document that could not be read again nothing is claimed but what is wrong already; exit code 1', async () => {
    const unreadable: Script = { problems: [problem('unreadable')] };
    const { result } = await play({ scripts: [{}, unreadable] });
    expect(result.outcome).toBe('failed');
    const { equal, ackedKept, nothingForeign } = result.verdict;
    expect([equal, ackedKept, nothingForeign]).toEqual([undefined, undefined, undefined]);
    expect(exitCodeOf(result)).toBe(1);
    const lines = verdictLines(result);
    expect(lines.filter((line) => line.startsWith('✗'))).toEqual([]);
    expect(lines).toContain(
      '? No acknowledged edit is lost: not known, for not every document could be read again',
    );
    const worse = await play({ scripts: [{ problems: [problem('acked-lost')] }, unreadable] });
    expect(worse.result.verdict).toMatchObject({ ackedKept: false });
    expect(worse.result.verdict.equal).toBeUndefined();
  });

  test('[LOAD14] where servers do not say when an edit is safe, nothing is said about edits that are lost', async () => {
    const { result } = await play({ line: '--protocol y-websocket', acknowledges: false, scripts: [{}, {}] });
    expect(result.outcome).toBe('passed');
    expect(result.verdict.ackedKept).toBeUndefined();
    expect(result.notes).toEqual([expect.stringContaining('does not tell clients when an edit is safe')]);
  });

  test('[LOAD14] generators that are late now and then, and connections that are refused, are told of', async () => {
    const late: Script = {
      lagMs: (second) => (second === 6 ? 80 : 1),
      errors: { 'too-many-connections': 1 },
    };
    const { result } = await play({ scripts: [late, {}] });
    expect(result.notes).toEqual([
      expect.stringMatching(/^The highest latencies are partly .*50 ms late in 10 % of the seconds/),
      expect.stringContaining('--max-connections-per-address'),
    ]);
    expect(result.limitedByGenerator).toBe(false);
    expect(Object.keys(result.errors)).toEqual(['too-many-connections']);
  });

  test('[LOAD20] a generator that has no time left, or is late all the time, is said to be the limit', async () => {
    const limits: readonly [Script, RegExp][] = [
      [{ cpu: 0.96 }, /^The load generator was the limit, not the servers \(.* 96 % of a core\)/],
      [{ lagMs: () => 80 }, /^The machine of the load generator was the limit, .* in 100 % of the seconds/],
    ];
    for (const [script, says] of limits) {
      const { result } = await play({ scripts: [{}, script] });
      expect(result.limitedByGenerator).toBe(true);
      expect(result.notes).toEqual([expect.stringMatching(says)]);
    }
    const { result } = await play({ scripts: [{ cpu: 0.5 }, {}] });
    expect(result).toMatchObject({ limitedByGenerator: false, notes: [], total: { generatorCpu: 0.5 } });
    expect(result.generators.map(({ name }) => name)).toEqual(['generator 1', 'generator 2', 'coordinator']);
    for (const { samples } of result.generators) expect(samples.length).toBeGreaterThan(10);
    expect(result.generators[0]?.samples.at(-1)).toMatchObject({ cpu: 0.5, rss: 1, lagMs: 1 });
  });

  test('[LOAD21] goodbyes of servers that stop are no errors', async () => {
    const { result } = await play({ line: '--slo errors<1%', scripts: [{ goodbyes: 2 }, {}] });
    expect(result).toMatchObject({ outcome: 'passed', errors: {} });
    expect(result.goodbyes).toBeGreaterThan(10);
    expect(result.series.some(({ goodbyes, errors }) => goodbyes === 2 && errors === 0)).toBe(true);
  });

  test('[LOAD15] an objective that does not hold fails it, one that holds does not', async () => {
    const scripts: Script[] = [{ latencyMs: () => 40 }, { latencyMs: () => 40 }];
    const { result } = await play({ line: '--slo p99<30ms --slo ack-p50<50ms', scripts });
    expect(result.objectives.map(({ objective, held }) => [objective, held])).toEqual([
      ['p99<30ms', false],
      ['ack-p50<50ms', true],
    ]);
    expect(result.objectives[0]?.found).toBeCloseTo(40, 0);
    expect(exitCodeOf(result)).toBe(1);
    const fine = await play({ line: '--slo ack-p50<50ms', scripts });
    expect(exitCodeOf(fine.result)).toBe(0);
  });
});

describe('a run that does not go as planned', () => {
  test('[LOAD9] Ctrl-C while it measures: what is known by then is compared, in short time', async () => {
    const { result, generators } = await play({
      scripts: [{}, {}],
      meanwhile: (seconds, interrupt) => {
        if (seconds === 6) interrupt();
      },
    });
    expect(result).toMatchObject({ outcome: 'interrupted', verdict: { equal: true, ackedKept: true } });
    expect(result.reason).toBe('It was ended before its time.');
    expect(generators[0]?.commands).toContainEqual({ kind: 'settle', timeoutMs: 10_000 });
    expect(result.total.seconds).toBeLessThan(5);
    expect(exitCodeOf(result)).toBe(130);
  });

  test('[LOAD9] Ctrl-C before everybody is in: nothing is compared, and nothing claimed', async () => {
    const { result } = await play({
      scripts: [{ arrivesMs: 'never' }, {}],
      meanwhile: (seconds, interrupt) => {
        if (seconds === 2) interrupt();
      },
    });
    expect(result.outcome).toBe('interrupted');
    expect(result.verdict).toMatchObject({
      equal: undefined,
      ackedKept: undefined,
      nothingForeign: undefined,
    });
  });

  test('[LOAD9] a problem that is found after Ctrl-C is told, too', async () => {
    const { result } = await play({
      scripts: [{ problems: [problem('acked-lost')] }, {}],
      meanwhile: (seconds, interrupt) => {
        if (seconds === 6) interrupt();
      },
    });
    expect(result.verdict).toMatchObject({ ackedKept: false, problems: [{ kind: 'acked-lost' }] });
    expect(exitCodeOf(result)).toBe(130);
  });

  test('[LOAD10] a process that ends ends the run, with the figures so far and exit code 3', async () => {
    const { result, seconds } = await play({ scripts: [{ endsAfter: 6 }, {}] });
    expect(result).toMatchObject({
      outcome: 'target-lost',
      reason: 'A process that plays clients has ended: it crashed',
    });
    expect(result.verdict.equal).toBeUndefined();
    expect(result.total.typed).toBeGreaterThan(0);
    expect(seconds).toBeLessThan(8);
    expect(exitCodeOf(result)).toBe(3);
  });

  test('[LOAD10] servers that are gone for good end the run; those that come back do not', async () => {
    const gone: Script = { joined: (second) => (second > 4 ? 0 : 4) };
    const { result } = await play({ line: '--duration 60s', scripts: [gone, gone] });
    expect(result.outcome).toBe('target-lost');
    expect(result.reason).toBe(
      'Nobody has been connected for 5 s: the servers are gone, or no longer reachable.',
    );
    const back: Script = { joined: (second) => (second > 4 && second < 8 ? 0 : 4) };
    expect((await play({ scripts: [back, back] })).result.outcome).toBe('passed');
  });

  /** Everybody is refused for good after so many seconds, as with a token that ends. */
  const refusedAfter = (seconds: number): Script => ({
    denied: (second): Readonly<Record<string, number>> => (second < seconds ? {} : { 'token-expired': 4 }),
    joined: (second) => (second < seconds ? 4 : 0),
  });

  test('[LOAD24] everybody is refused for good: it ends at once and says so, exit code 1', async () => {
    const scripts = [refusedAfter(6), refusedAfter(7)];
    const { result, seconds, generators } = await play({ line: '--duration 60s', scripts });
    expect(result.outcome).toBe('failed');
    expect(result.reason).toMatch(
      /^Everybody was refused for good \(token-expired\)\. The token has expired: give one that lasts longer than the run/,
    );
    expect(seconds).toBeLessThan(9);
    expect(result.total.typed).toBeGreaterThan(0);
    expect(result.verdict.equal).toBeUndefined();
    expect(exitCodeOf(result)).toBe(1);
    expect(verdictLines(result).at(-1)).toMatch(/^Failed: Everybody was refused for good /);
    expect(generators[0]?.commands.some(({ kind }) => kind === 'check')).toBe(false);
  });

  test('[LOAD24] before anything is measured it could not begin; some who are refused do not end it', async () => {
    const early = play({ scripts: [refusedAfter(1), refusedAfter(1)] });
    await expect(early).rejects.toThrow(CouldNotBegin);
    await expect(early).rejects.toThrow('Everybody was refused for good (token-expired).');
    const { result } = await play({ scripts: [refusedAfter(6), {}] });
    expect(result.outcome).toBe('passed');
  });

  test('[LOAD10] a process that does not answer in the end: nothing is claimed, exit code 3', async () => {
    const { result } = await play({ line: '--settle-timeout 5s', scripts: [{ deafTo: 'check' }, {}] });
    expect(result.outcome).toBe('target-lost');
    expect(result.verdict.equal).toBeUndefined();
    expect(exitCodeOf(result)).toBe(3);
  });

  test('[LOAD11] nobody gets in: it can not begin, and says why', async () => {
    const refused = 'Nobody got into a document at http://a: connect ECONNREFUSED 127.0.0.1:9.';
    await expect(play({ scripts: [{ fails: refused, arrivesMs: 'never' }, {}] })).rejects.toThrow(
      new CouldNotBegin(`${refused} No server listens there: start it first, or check host and port.`),
    );
    const nobody: Script = { arrivesMs: 'never', joined: () => 0 };
    await expect(play({ scripts: [nobody, nobody] })).rejects.toThrow('Nobody has been connected for 5 s');
  });

  test('[LOAD10] what did not come back after a fault is told', async () => {
    const { result } = await play({
      scripts: [{}, {}],
      startFaults: () => ({
        records: [],
        stop: () => Promise.reject(new Error('node 2 did not come back: it ended with code 1')),
      }),
    });
    expect(result.notes).toEqual(['node 2 did not come back: it ended with code 1']);
  });
});

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { readLoadOptions } from '../../../load/options/read-options.js';
import { UsageError } from '../../../tools/usage-error.js';
import { temporaryFolder } from '../../support/folder.js';
import { loadOptions } from '../../support/load-options.js';

describe('what can be given', () => {
  test('[LOAD1] nothing: a node of its own, ten documents with five clients each, half of whom type', () => {
    expect(loadOptions('')).toMatchObject({
      servers: { kind: 'own', nodes: 1, cluster: false, proxy: false },
      protocol: 'coscribe',
      docs: 10,
      clients: 50,
      typists: 25,
      typing: { model: 'keys', charactersPerSecond: 3, thinkMs: 0, maxCharacters: 2000 },
      churnPerSecond: 0,
      offline: { perMinute: 0, forMs: 0 },
      arrivalsPerSecond: 100,
      warmUpMs: 5_000,
      durationMs: 30_000,
      slo: [],
      chaos: [],
      seed: 7,
    });
  });

  test.each([
    ['http://a:1 wss://b/x/', { servers: { kind: 'urls', urls: ['http://a:1', 'https://b/x'] } }],
    ['--nodes 3 --proxy', { servers: { kind: 'own', nodes: 3, cluster: true, proxy: true } }],
    ['--docs 2 --clients 7 --typists 3', { docs: 2, clients: 7, typists: 3 }],
    ['--clients 200 --typists 25%', { typists: 50 }],
    [
      '--rate 0.5 --think 2s --model steady',
      { typing: { model: 'steady', charactersPerSecond: 0.5, thinkMs: 2_000 } },
    ],
    ['--churn 30/min --presence 2', { churnPerSecond: 0.5, presencePerSecond: 2 }],
    ['--offline 0.5x5s', { offline: { perMinute: 0.5, forMs: 5_000 } }],
    ['--arrive 20s --clients 100', { arrivalsPerSecond: 5 }],
    ['--arrive 7/s', { arrivalsPerSecond: 7 }],
    ['--warm-up 0 --duration 2h', { warmUpMs: 0, durationMs: 7_200_000 }],
    [
      '--chaos kill=2/min,redis,cut --nodes 2 --every 10s',
      {
        chaos: [
          { kind: 'kill', perMinute: 2 },
          { kind: 'redis', perMinute: 3 },
          { kind: 'cut', perMinute: 3 },
        ],
      },
    ],
    ['--slo p99<250ms --slo errors<1%', { slo: ['p99<250ms', 'errors<1%'] }],
    [
      '--find p99<250ms --clients 320',
      {
        typists: 320,
        find: { objective: 'p99<250ms', from: 10, step: 2, levelMs: 10_000 },
      },
    ],
    ['--json', { json: '-' }],
    ['--report=none', {}],
  ])('[LOAD1] %s', (line, expected) => {
    expect(loadOptions(line)).toMatchObject(expected);
  });

  test('[LOAD1] a report is written on a terminal, or where it is asked for', () => {
    expect(loadOptions('').report).toBeUndefined();
    expect(loadOptions('', true).report).toMatch(/coscribe-load\.html$/);
    expect(loadOptions('--report=none', true).report).toBeUndefined();
    expect(loadOptions('--json', true).report).toBeUndefined();
    expect(loadOptions('--report out.html').report).toMatch(/out\.html$/);
  });

  test('[LOAD1] a token comes from the line, the environment, or a file', () => {
    const folder = temporaryFolder();
    const file = join(folder.path, 'token');
    writeFileSync(file, 'secret\n');
    const read = (argv: string[], env = {}) => readLoadOptions(argv, { env, isTerminal: false }).token;
    expect(read([])).toBeUndefined();
    expect(read([], { COSCRIBE_TOKEN: 'a' })).toBe('a');
    expect(read(['--token', 'b'], { COSCRIBE_TOKEN: 'a' })).toBe('b');
    expect(read(['--token', `file:${file}`])).toBe('secret');
    folder.remove();
  });
});

describe('what makes no sense', () => {
  test.each([
    ['--nods 3', '--nods is no option of it; did you mean --nodes?'],
    ['--docs 0', '--docs is a whole number from 1 to 100000, not "0".'],
    ['--clients 3', '--clients 3 leaves documents without anybody; give at least 10, or fewer --docs.'],
    ['--typists 0', '--typists leaves nobody to type; give at least 1.'],
    [
      '--typists 51',
      '--typists is a share of the clients such as 50%, or how many of the 50 clients, not "51".',
    ],
    ['http://x --nodes 2', "--nodes starts servers; it can't be given together with the address http://x."],
    ['http://x --start y', "--start starts servers; it can't be given together with the address http://x."],
    ['--proxy', '--proxy stands in front of several nodes: --nodes 3 --proxy.'],
    ['--nodes 33', '--nodes is a whole number from 1 to 32, not "33".'],
    ['--json x.json', '"x.json" is no address; for a file write --json=x.json.'],
    ['http://me:pw@x/', 'URL must be an address without user and password, not "http://me:…@x/".'],
    [
      'http://x/?token=1',
      'The address http://x must hold no query, as it is told in reports; tokens go into --token.',
    ],
    ['ftp://x', 'URL must be an http or https address, not "ftp://x".'],
    ['--protocol yjs', '--protocol is one of coscribe, y-websocket, hocuspocus, y-socket.io, not "yjs".'],
    ['--model trace', '--model trace needs a recorded session: --trace FILE.'],
    ['--model keys --trace x', '--trace is for --model trace, not for --model keys; leave one of them out.'],
    [
      '--trace /no/such',
      "--trace /no/such can't be read: ENOENT: no such file or directory, open '/no/such'.",
    ],
    ['--rate 0', '--rate is a number from 0.01 to 1000, such as 3, not "0".'],
    ['--churn often', '--churn is a rate such as 2/s, 30/min or 5/h, not "often".'],
    [
      '--offline 5s',
      '--offline says how often a minute and for how long: 0.5x5s is every other minute for five seconds, not "5s".',
    ],
    ['--arrive 0/s', '--arrive must let somebody come: 50/s, or 20s for all of them.'],
    ['--duration soon', '--duration is a time such as 30s, 10m or 1.5h, not "soon".'],
    [
      '--chaos kil',
      '--chaos: there is no fault "kil"; there are kill, stop, redis, store, cut; did you mean kill?',
    ],
    ['--chaos kill,kill', '--chaos names kill twice.'],
    ['--chaos kill=0', '--chaos kill=0 never happens; leave it out.'],
    [
      'http://x --chaos kill',
      '--chaos breaks only what the tool has started: leave the address out, or use --nodes 3.',
    ],
    ['--every 3s', '--every is for --chaos: --chaos kill --every 20s.'],
    [
      '--chaos kill=1 --every 3s',
      '--every is for faults without a rate of their own, and all of these have one.',
    ],
    [
      '--find p99<1s --duration 10s',
      '--duration is for runs without --find, which takes as long as it needs; --level says how long it looks at one number of typists.',
    ],
    ['--from 3', '--from is for --find "p99<250ms".'],
    [
      '--find p99',
      '--find is an objective such as "p99<250ms", "ack-p99<100ms", "shown-p95<1s", "join-max<5s" or "errors<1%", not "p99".',
    ],
    [
      '--slo p0<1s',
      '--slo is an objective such as "p99<250ms", "ack-p99<100ms", "shown-p95<1s", "join-max<5s" or "errors<1%", not "p0<1s".',
    ],
    [
      '--report=/no/x.html',
      "--report=/no/x.html can't be written: ENOENT: no such file or directory, access '/no'.",
    ],
    [
      '--workspace a/b',
      '--workspace has 1 to 64 characters out of A-Z a-z 0-9 . _ - and does not start with a dot, not "a/b".',
    ],
    ['--token file:/no', "--token file:/no can't be read: ENOENT: no such file or directory, open '/no'."],
    ['--seed x', '--seed is a whole number from 0 to 4294967295, not "x".'],
  ])('[LOAD1] %s', (line, sentence) => {
    let thrown: unknown;
    try {
      loadOptions(line);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(UsageError);
    expect((thrown as Error).message).toBe(sentence);
  });
});

import { PassThrough } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { createLog, type LogOptions } from '../../../server/telemetry/pino-log.js';
import { collectLog } from '../../support/collect-log.js';

function logged(options: Pick<LogOptions, 'level' | 'pretty'>): string {
  const output = new PassThrough();
  const log = createLog({ ...options, output });
  log.debug({ id: 1 }, 'a detail');
  log.info({ url: 'http://x' }, 'a fact');
  log.warn({}, 'a warning');
  log.error({ err: new Error('broken') }, 'a failure');
  return String(output.read() ?? '');
}

describe('createLog', () => {
  test('[CONF6] where no terminal is, each message is a line of JSON with level, time, fields and text', () => {
    const lines = logged({ level: 'debug' }).trim().split('\n');
    const entries = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(entries.map(({ level, msg }) => [level, msg])).toEqual([
      ['debug', 'a detail'],
      ['info', 'a fact'],
      ['warn', 'a warning'],
      ['error', 'a failure'],
    ]);
    expect(entries[1]).toMatchObject({ url: 'http://x', time: expect.stringMatching(/^\d{4}-.*Z$/) });
    expect(entries[3]).toMatchObject({
      err: { message: 'broken', stack: expect.stringContaining('broken') },
    });
  });

  test('[CONF6] for people it is a line of text', () => {
    const text = logged({ level: 'info', pretty: true });
    expect(text).toMatch(/\[\d\d:\d\d:\d\d\] INFO: a fact/);
    expect(text).toContain('http://x');
    expect(text).toContain('broken');
    expect(text).not.toContain('{"level"');
  });

  test('[CONF7] less important messages than the level are not written', () => {
    expect(logged({ level: 'warn' }).trim().split('\n')).toHaveLength(2);
  });
});

test('[CONF7] the collecting log of tests keeps levels, fields and texts', () => {
  const log = collectLog();
  log.warn({ a: 1 }, 'x');
  expect(log.entries).toEqual([{ level: 'warn', fields: { a: 1 }, message: 'x' }]);
});

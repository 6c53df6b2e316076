import { describe, expect, test } from '@jest/globals';
import { LiveView, type ViewSources } from '../../../load/run/live-view.js';
import { loadOptions } from '../../support/load-options.js';
import { ManualClock } from '../../support/manual-clock.js';

const SOURCES: ViewSources = {
  targets: [{ url: 'http://a' }, { url: 'http://b' }],
  watched: [{ name: 'node 1', url: 'http://a', pid: () => undefined }],
  watch: { latest: () => [undefined] },
  generators: { latest: () => undefined, take: () => {} },
  acknowledges: true,
  faults: () => [],
};

function shownBy(isTTY: boolean | undefined): {
  readonly view: LiveView;
  readonly clock: ManualClock;
  text(): string;
} {
  const clock = new ManualClock();
  let text = '';
  const write = (more: string): void => {
    text += more;
  };
  const output = isTTY === undefined ? undefined : { isTTY, columns: 80, write };
  return { view: new LiveView(loadOptions(''), output, clock), clock, text: () => text };
}

describe('the live view', () => {
  test('[LOAD12] elsewhere than on a terminal: what begins, and a line every five seconds', () => {
    const { view, clock, text } = shownBy(false);
    view.begin(SOURCES);
    view.phase('arrive', 500);
    view.phase('measure', 30_000);
    clock.advance(11_000);
    view.end();
    clock.advance(60_000);
    expect(text().split('\n')).toEqual([
      '50 clients (25 type) in 10 documents at http://a and 1 more, protocol coscribe, seed 7',
      'clients arrive',
      'measuring, 0:30',
      'measuring 0:05 of 0:30',
      'measuring 0:10 of 0:30',
      '',
    ]);
  });

  test('[LOAD12] on a terminal: redrawn in place, and gone in the end', () => {
    const { view, clock, text } = shownBy(true);
    view.begin(SOURCES);
    view.phase('measure', 30_000);
    clock.advance(1_000);
    expect(text()).toContain('0:01 of 0:30');
    expect(text()).toContain('node 1    not looked at yet');
    view.end();
    expect(text().endsWith('\u001b[J')).toBe(true);
    expect(clock.pending).toBe(0);
  });

  test('[LOAD12] with --json on standard output nothing at all', () => {
    const { view, clock, text } = shownBy(undefined);
    view.begin(SOURCES);
    view.phase('measure', 30_000);
    clock.advance(60_000);
    view.say('x');
    view.end();
    expect(text()).toBe('');
  });
});

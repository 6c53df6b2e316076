import { describe, expect, test } from '@jest/globals';
import { Display } from '../../../tools/cluster/display.js';
import type { ClusterStatus } from '../../../tools/cluster/status.js';

class Screen {
  written = '';
  constructor(readonly isTTY: boolean) {}

  write(text: string): void {
    this.written += text;
  }

  taken(): string {
    const { written } = this;
    this.written = '';
    return written;
  }
}

function status(state: string, connections = 7): ClusterStatus {
  const proxy = { name: 'HAProxy', address: 'http://127.0.0.1:8080', pid: 10, state: 'running' };
  const node = { name: 'node 1', address: 'http://127.0.0.1:4001', pid: 11, state, connections };
  return { url: proxy.address, parts: [{ ...proxy, connections: undefined }, node] };
}

describe('what is shown of a cluster', () => {
  test('[DEPLOY20] on a terminal it is a table that changes in its place', () => {
    const screen = new Screen(true);
    const display = new Display(screen);
    display.show(status('ready'));
    expect(screen.taken()).toBe(
      [
        '',
        'Ready at http://127.0.0.1:8080',
        '',
        '         address                pid  connections  state',
        'HAProxy  http://127.0.0.1:8080  10                running',
        'node 1   http://127.0.0.1:4001  11   7            ready',
        '',
        'Ctrl-C stops everything in order, a second one at once.',
        '',
      ].join('\n'),
    );
    display.show(status('not ready', 1234));
    const again = screen.taken();
    expect(again.startsWith('\u001b[8A\r\u001b[J')).toBe(true);
    expect(again).toContain('Not everything is well at http://127.0.0.1:8080');
    expect(again).toContain('node 1   http://127.0.0.1:4001  11   1234         not ready');
    display.say('Stopping');
    expect(screen.taken()).toBe('\u001b[8A\r\u001b[JStopping\n');
  });

  test('[DEPLOY20] elsewhere it is a line for each change, and one when all is well', () => {
    const screen = new Screen(false);
    const display = new Display(screen);
    display.show(status('not ready'));
    expect(screen.taken()).toBe(
      'HAProxy at http://127.0.0.1:8080: running (pid 10)\nnode 1 at http://127.0.0.1:4001: not ready (pid 11)\n',
    );
    display.show(status('ready'));
    expect(screen.taken()).toBe(
      'node 1 at http://127.0.0.1:4001: ready (pid 11)\nReady at http://127.0.0.1:8080\n',
    );
    display.show(status('ready', 8));
    expect(screen.taken()).toBe('');
    display.show(status('ended, again in 2 s'));
    display.show(status('ended, again in 1 s'));
    expect(screen.taken()).toBe('node 1 at http://127.0.0.1:4001: ended (pid 11)\n');
  });
});

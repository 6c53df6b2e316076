import { expect, test } from '@jest/globals';
import { loadAll } from '../../../cli/commands.js';
import type { Option, OptionValue } from '../../../server/config/option.js';
import { OPTIONS } from '../../../server/config/options.js';
import { shownArguments } from '../../../tools/command-line/shown-arguments.js';

test('[CLI13] whoever lists processes sees a command without its passwords, keys and tokens', () => {
  const store = 'postgres://ann:hunter2@db/x';
  expect(shownArguments(['verify', '--store', store, '--json'])).toBe(
    'verify --store postgres://ann:…@db/x --json',
  );
  expect(shownArguments([`--store=${store}`])).toBe('--store=postgres://ann:…@db/x');
  expect(shownArguments(['backup', '--store', 'postgres://db/x?user=a&password=hunter2&sslmode=no'])).toBe(
    'backup --store postgres://db/x?user=a&password=…&sslmode=no',
  );
  expect(shownArguments(['--operator-token', 'hunter2', '--jwt-key=hunter2'])).toBe(
    '--operator-token … --jwt-key=…',
  );
  expect(shownArguments(['token', '--decode', 'hunter2', '--user', 'ann'])).toBe(
    'token --decode … --user ann',
  );
  expect(shownArguments(['--operator-token', 'file:/run/token', '--store', 'sqlite:a.db'])).toBeUndefined();
});

test('[CLI13] that is every option of the server and of the commands whose value may be a secret', async () => {
  const all = Object.values<Option<OptionValue>>(OPTIONS);
  const server = all.filter(({ secret }) => secret);
  const commands = (await loadAll()).flatMap(({ command }) => command.options);
  const named = commands.filter(
    ({ name }) => /token|key|secret|password|decode/.test(name) && !all.some(({ flag }) => flag === name),
  );
  for (const flag of [...server.map((option) => option.flag), ...named.map(({ name }) => name)]) {
    const secret = /^store$|url$/.test(flag) ? 'a://:hunter2@b' : 'hunter2';
    expect(shownArguments([`--${flag}`, secret])).not.toBeUndefined();
    expect(shownArguments([`--${flag}=${secret}`])).not.toContain('hunter2');
  }
});

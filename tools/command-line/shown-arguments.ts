import { withoutPassword } from '../../shared/without-password.js';

/** Options whose value is a secret, unless it names a file. A test compares them with the server's. */
const SECRET = /^--(jwt-key|operator-token|webhook-secret|webhook-url|token|decode)(=|$)/;

/**
 * A command line as everybody on the machine may see it: without passwords, keys and tokens.
 *
 * @returns `undefined` if there is nothing to hide
 */
export function shownArguments(argv: readonly string[]): string | undefined {
  const shown = argv.map((word, at) => {
    const [flag = ''] = SECRET.exec(word) ?? [];
    if (flag.endsWith('=')) return hidden(flag, word.slice(flag.length));
    const before = argv[at - 1] ?? '';
    return SECRET.test(before) && !before.includes('=')
      ? hidden('', word)
      : withoutPassword(word).replace(/([?&]password=)[^&]*/g, '$1…');
  });
  return shown.every((word, at) => word === argv[at]) ? undefined : shown.join(' ');
}

function hidden(flag: string, value: string): string {
  return flag + (value.startsWith('file:') || value === '-' ? value : '…');
}

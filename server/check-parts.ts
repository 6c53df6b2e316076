import type { Authenticator } from './auth/access.js';
import { ConfigError } from './config/config-error.js';
import { hookProblems } from './hooks/check-hooks.js';
import type { DocumentStore } from './storage/store.js';
import type { Log } from './telemetry/log.js';

/** Names of what a part does; the compiler finds one that is missing. */
type Methods<Part> = {
  readonly [name in keyof Part as Part[name] extends (...args: never[]) => unknown ? name : never]: true;
};

const OF_STORES: Methods<DocumentStore> = {
  open: true,
  create: true,
  remove: true,
  restore: true,
  rename: true,
  purge: true,
  append: true,
  readLog: true,
  readSnapshot: true,
  positions: true,
  writeSnapshot: true,
  readAuthor: true,
  find: true,
  list: true,
  close: true,
  addLink: true,
  findLink: true,
  readLink: true,
  listLinks: true,
  removeLink: true,
  changeAccess: true,
  accessRevision: true,
  accessChangesAfter: true,
  voidedAt: true,
  readReceipt: true,
  keepReceipt: true,
  forgetReceipts: true,
};

const OF_AUTHENTICATORS: Methods<Authenticator> = { authenticate: true, authorize: true };
const OF_LOGS: Methods<Log> = { debug: true, info: true, warn: true, error: true };

/** What an application brings along of its own. */
type Part = 'store' | 'authenticator' | 'log' | 'hooks' | 'hookTimeoutMs' | 'webhooks';

/**
 * Says what is missing in what a program brings along, before anybody needs it: most programs are written in JavaScript.
 *
 * @throws ConfigError
 */
export function checkParts({
  store,
  authenticator,
  log,
  hooks,
  hookTimeoutMs,
  webhooks,
}: Readonly<Partial<Record<Part, unknown>>>): void {
  const problems: string[] = [];
  if (typeof store !== 'string' && store !== undefined)
    problems.push(...missing('store', 'an address, as "sqlite:FILE", or a DocumentStore', store, OF_STORES));
  if (authenticator !== undefined)
    problems.push(...missing('authenticator', 'an Authenticator', authenticator, OF_AUTHENTICATORS));
  if (log !== undefined)
    problems.push(...missing('log', 'a Log, as of pino or of createLog()', log, OF_LOGS));
  problems.push(...hookProblems(hooks));
  if (hookTimeoutMs !== undefined && !(typeof hookTimeoutMs === 'number' && hookTimeoutMs > 0))
    problems.push('hookTimeoutMs must be a number of milliseconds above 0.');
  if (webhooks !== undefined && !Array.isArray(webhooks)) problems.push('webhooks must be an array.');
  if (problems.length > 0) throw new ConfigError(problems);
}

function missing(option: string, kind: string, part: unknown, methods: object): string[] {
  if (typeof part !== 'object' || part === null) return [`${option} must be ${kind}, not ${typeof part}.`];
  const absent = Object.keys(methods).filter((name) => typeof Reflect.get(part, name) !== 'function');
  return absent.length === 0 ? [] : [`${option} must be ${kind}; this one has no ${absent.join(', ')}.`];
}

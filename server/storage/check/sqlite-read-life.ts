import type Database from 'libsql';
import type { DocumentId } from '../../../shared/ids.js';
import type { LifeKind } from '../delivery-store.js';
import { lifeHookSum, lifeSum } from '../sqlite-sums.js';
import type { Finding } from './findings.js';
import { asNumber, asText, selectAll, text, type Values, whole } from './sqlite-values.js';
import type { StoredLifeEvent, StoredLifeHook } from './store-reader.js';

const TEXTS = ['hook', 'kind', 'id', 'former', 'generation', 'owner'].map((name) => text(name, name));
const NUMBERS = ['key', 'head', 'at', 'until', 'checksum'].map((name) => whole(name, name));

/**
 * What webhooks are to be told of documents besides their changes, as far as it is whole.
 *
 * @param attempt gives nothing for what cannot be read
 */
export function readLife(
  database: Database.Database,
  attempt: (read: () => readonly Values[]) => readonly Values[],
  findings: Finding[],
): { readonly lifeHooks: readonly StoredLifeHook[]; readonly lifeEvents: readonly StoredLifeEvent[] } {
  const damaged = (what: string): [] => {
    findings.push({ kind: 'webhook-damaged', what: `the checksum of ${what} is wrong` });
    return [];
  };
  const hooks = `SELECT ${text('hook', 'hook')}, ${text('kinds', 'kinds')}, ${whole('seen_at', 'seenAt')},
    ${whole('checksum', 'checksum')} FROM life_hooks ORDER BY hook`;
  const lifeHooks = attempt(() => selectAll(database, hooks)).flatMap((row) => {
    const [hook, kinds, seenAt] = [asText(row.hook), asText(row.kinds), asNumber(row.seenAt)];
    if (lifeHookSum(hook, kinds, seenAt) !== row.checksum) return damaged('a webhook');
    return [{ hook, kinds: kinds.split(','), seenAt }];
  });
  const events = `SELECT ${[...TEXTS, ...NUMBERS].join(', ')} FROM life_events ORDER BY life_events.key`;
  const lifeEvents = attempt(() => selectAll(database, events)).flatMap((row) => {
    const event = {
      key: asNumber(row.key),
      hook: asText(row.hook),
      kind: asText(row.kind) as LifeKind,
      id: asText(row.id) as DocumentId,
      ...(row.former !== null && { former: asText(row.former) as DocumentId }),
      generation: asText(row.generation),
      head: asNumber(row.head),
      at: asNumber(row.at),
    };
    const claim = { owner: asText(row.owner), until: asNumber(row.until) };
    return lifeSum({ ...event, ...claim }) === row.checksum
      ? [event]
      : damaged('what a webhook is to be told');
  });
  return { lifeHooks, lifeEvents };
}

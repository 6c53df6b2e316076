import { createHash } from 'node:crypto';
import type { DocumentId } from '../../shared/ids.js';
import { checkKinds, type OptionKinds } from '../../shared/option-kinds.js';
import { ConfigError } from '../config/config-error.js';
import { LIFE_KINDS, type LifeKind } from '../storage/delivery-store.js';
import { readPattern } from './document-patterns.js';
import {
  EVENTS_FORM,
  isWebhookUrl,
  readEvents,
  readSecret,
  SECRET_FORM,
  URL_FORM,
  type WebhookEventType,
} from './hook-forms.js';

/** A webhook: somebody who is told over HTTP of documents. Times in milliseconds. */
export interface WebhookOptions {
  /**
   * Where the requests go, over `https:` or `http:`. The server sends them to whatever stands here, inside your network too, so
   * an address that a user may choose has to be checked before.
   */
  readonly url: string;
  /** `whsec_` and random bytes in base64. Several while it is changed: requests are signed with each. */
  readonly secret: string | readonly string[];
  /** Of which documents it is told: `acme/notes`, `acme/*`, `acme/team-*`. All, if absent. */
  readonly documents?: string | readonly string[];
  /**
   * What it is told of: `document.changed` unless given, because a receiver may take whatever comes for a change. `*` is
   * everything, what later versions tell, too.
   */
  readonly events?: '*' | WebhookEventType | readonly ('*' | WebhookEventType)[];
  /** Under what the store remembers what it was told. By default its URL: with another one it begins anew then. */
  readonly name?: string;
  /** How long the changes of a document gather before they are told: 1,000. */
  readonly gatherMs?: number;
  /** How long a request may take: 15,000. */
  readonly timeoutMs?: number;
  /** How many requests may be under way at once: 8. */
  readonly concurrency?: number;
}

/** A webhook's options, checked. */
export interface HookSettings {
  /** What the store knows it by. */
  readonly name: string;
  readonly url: URL;
  readonly keys: readonly Uint8Array[];
  wants(id: DocumentId): boolean;
  /** Whether it is told of changes. */
  readonly changes: boolean;
  /** Of what else that becomes of documents it is told. */
  readonly kinds: readonly LifeKind[];
  /** What the store keeps for it: that too, and with changes the moves, which say under which name they were made. */
  readonly kept: readonly LifeKind[];
  readonly gatherMs: number;
  readonly timeoutMs: number;
  readonly concurrency: number;
}

const DAY_MS = 86_400_000;

const KINDS: OptionKinds<WebhookOptions> = {
  url: 'string',
  secret: 'string or object',
  documents: 'string or object',
  events: 'string or object',
  name: 'string',
  gatherMs: 'number',
  timeoutMs: 'number',
  concurrency: 'number',
};

/** @throws ConfigError with all that is wrong, without secrets */
export function readHooks(hooks: readonly WebhookOptions[]): readonly HookSettings[] {
  const problems: string[] = [];
  const settings = hooks.flatMap((hook, n) => {
    try {
      checkKinds(`Webhook ${n + 1}`, hook, KINDS);
      return [readHook(hook, (what) => problems.push(`Webhook ${n + 1}: ${what}.`))];
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      problems.push(error.message);
      return [];
    }
  });
  const names = new Set(settings.map(({ name }) => name));
  if (problems.length === 0 && names.size < hooks.length)
    problems.push('Two webhooks have the same `name`, or the same `url` and none.');
  if (problems.length > 0) throw new ConfigError(problems);
  return settings;
}

function readHook(hook: WebhookOptions, problem: (what: string) => void): HookSettings {
  const { url, secret, documents = '*', events = 'document.changed', name = url } = hook;
  if (!isWebhookUrl(url)) problem(`\`url\` ${URL_FORM}`);
  const keys = listOf(secret ?? []).map(readSecret);
  if (keys.length === 0 || keys.includes(undefined)) problem(`\`secret\` ${SECRET_FORM}`);
  const patterns = listOf(documents).map(readPattern);
  if (patterns.length === 0 || patterns.includes(undefined))
    problem('`documents` must be names, "workspace/*", "workspace/start*" or "*"');
  const types = readEvents(listOf(events));
  if (types === undefined) problem(`\`events\` ${EVENTS_FORM}`);
  const whole = (key: 'gatherMs' | 'timeoutMs' | 'concurrency', usual: number, min: number, max: number) => {
    const value = hook[key] ?? usual;
    if (!Number.isInteger(value) || value < min || value > max)
      problem(`\`${key}\` must be a whole number from ${min} to ${max}`);
    return value;
  };
  const changes = types?.includes('document.changed') ?? false;
  const kinds = LIFE_KINDS.filter((kind) => types?.includes(`document.${kind}`));
  return {
    // A URL may hold a password, and a name may be long.
    name: createHash('sha256').update(`${name}`).digest('hex').slice(0, 32),
    url: new URL(isWebhookUrl(url) ? url : 'http://unknown'),
    keys: keys.filter((key) => key !== undefined),
    ...{ changes, kinds },
    kept: LIFE_KINDS.filter((kind) => kinds.includes(kind) || (changes && kind === 'moved')),
    wants: (id) => patterns.some((fits) => fits?.(id)),
    gatherMs: whole('gatherMs', 1_000, 0, DAY_MS),
    timeoutMs: whole('timeoutMs', 15_000, 1, 600_000),
    concurrency: whole('concurrency', 8, 1, 1_000),
  };
}

function listOf(value: string | readonly string[]): readonly string[] {
  return typeof value === 'string' ? [value] : value;
}

/** Sizes of a secret, in bytes. https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md */
const MIN_BYTES = 24;
const MAX_BYTES = 64;

const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/;

/** What a secret has to look like, as a predicate. */
export const SECRET_FORM = `must be "whsec_" and ${MIN_BYTES} to ${MAX_BYTES} random bytes in base64: echo "whsec_$(openssl rand -base64 32)"`;

/** The bytes of a secret as Standard Webhooks writes it, or `undefined` if it is none. */
export function readSecret(text: string): Uint8Array | undefined {
  const base64 = SECRET.exec(text)?.[1];
  if (base64 === undefined) return undefined;
  const key = Buffer.from(base64, 'base64');
  return key.length >= MIN_BYTES && key.length <= MAX_BYTES ? key : undefined;
}

/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  'document.changed',
  'document.created',
  'document.deleted',
  'document.restored',
  'document.moved',
  'document.purged',
] as const;

/** The `type` of an event. */
export type WebhookEventType = (typeof WEBHOOK_EVENTS)[number];

export const EVENTS_FORM = `must be some of ${WEBHOOK_EVENTS.join(', ')}, or "*" for all`;

/** Which events are meant, each once; `undefined` if there is none, or one that is none. */
export function readEvents(names: readonly string[]): readonly WebhookEventType[] | undefined {
  const known = (name: string) => WEBHOOK_EVENTS.filter((event) => name === '*' || name === event);
  if (names.length === 0 || names.some((name) => known(name).length === 0)) return undefined;
  return WEBHOOK_EVENTS.filter((event) => names.some((name) => known(name).includes(event)));
}

export const URL_FORM = 'must begin with "https://" or "http://"';

/** Whether requests can be sent there. */
export function isWebhookUrl(raw: string): boolean {
  return /^https?:\/\/[^\s/]/i.test(raw) && URL.canParse(raw);
}

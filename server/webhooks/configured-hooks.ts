import { readEvents } from './hook-forms.js';
import type { WebhookOptions } from './hook-settings.js';

interface Configured {
  readonly webhookUrl: string;
  readonly webhookSecret: readonly string[];
  readonly webhookEvents: readonly string[];
}

/** The webhook of the command line, if there is one. */
export function configuredHooks({
  webhookUrl: url,
  webhookSecret,
  webhookEvents,
}: Configured): WebhookOptions[] {
  return url === '' ? [] : [{ url, secret: webhookSecret, events: readEvents(webhookEvents) ?? [] }];
}

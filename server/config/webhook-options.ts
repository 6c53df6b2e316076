import {
  EVENTS_FORM,
  isWebhookUrl,
  readEvents,
  readSecret,
  SECRET_FORM,
  URL_FORM,
} from '../webhooks/hook-forms.js';
import { list, text } from './option.js';

/** Who is told over HTTP of documents. A program that brings Coscribe along can name several. */
export const WEBHOOK_OPTIONS = {
  webhookUrl: text('URL', isWebhookUrl, URL_FORM, {
    env: 'COSCRIBE_WEBHOOK_URL',
    flag: 'webhook-url',
    default: '',
    secret: true,
    sentence:
      'Where changes of documents, or --webhook-events, are told: requests go there, signed with --webhook-secret.',
  }),
  webhookSecret: list(
    'SECRETS',
    (secret) => (readSecret(secret) === undefined ? undefined : secret),
    SECRET_FORM,
    {
      env: 'COSCRIBE_WEBHOOK_SECRET',
      flag: 'webhook-secret',
      default: [],
      secret: true,
      sentence: 'What these requests are signed with: "whsec_…"; while it is changed, both, with a comma.',
    },
  ),
  webhookEvents: list(
    'EVENTS',
    (event) => (readEvents([event]) === undefined ? undefined : event),
    EVENTS_FORM,
    {
      env: 'COSCRIBE_WEBHOOK_EVENTS',
      flag: 'webhook-events',
      default: ['document.changed'],
      sentence: 'What is told there: document.changed, document.created, …; "*" for all.',
    },
  ),
} as const;

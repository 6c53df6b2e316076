import { ACCESS_OPTIONS } from './access-options.js';
import { LIMIT_OPTIONS } from './limit-options.js';
import type { Option } from './option.js';
import { SERVER_OPTIONS } from './server-options.js';
import { WEBHOOK_OPTIONS } from './webhook-options.js';

/** Every option of the server, in the order in which people read about them. */
export const OPTIONS = {
  ...SERVER_OPTIONS,
  ...ACCESS_OPTIONS,
  ...LIMIT_OPTIONS,
  ...WEBHOOK_OPTIONS,
} as const;

export type Options = typeof OPTIONS;

/** The server's settings, checked. */
export type Config = {
  readonly [K in keyof Options]: Options[K] extends Option<infer T> ? T : never;
};

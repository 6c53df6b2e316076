import type { Change } from '../outbox.js';
import type { Place } from './copy-store.js';

/** Tabs of another release, with other messages, are not talked to. */
export const VERSION = 1;

export type SentChange = Pick<Change, 'update' | 'madeBy' | 'count'>;

/** What tabs tell one another. */
export interface Message {
  readonly version: typeof VERSION;
  readonly from: string;
  /** For everybody, unless it names somebody. */
  readonly to: string | undefined;
  readonly generation: string | undefined;
  /** Of the generation. */
  readonly seq: number;
  readonly body: /** Somebody changes something and can't send it. */
    | { readonly kind: 'changes'; readonly changes: readonly SentChange[] }
    /** What somebody has, with what of it is not saved. Who has more says so. */
    | { readonly kind: 'hello'; readonly stateVector: Uint8Array; readonly changes: readonly SentChange[] }
    /** What somebody lacks, with what of it is not saved. */
    | { readonly kind: 'state'; readonly update: Uint8Array; readonly changes: readonly SentChange[] }
    | { readonly kind: 'forget' };
}

/** Of a copy, for the locks and the line of the tabs that show it. */
export function copyName({ scope, server, document }: Place): string {
  return JSON.stringify([scope, server, document]);
}

/** Tells all tabs that nothing is to be kept any longer. */
export function forgetMessage(from = ''): unknown {
  const body = { kind: 'forget' } as const;
  return { version: VERSION, from, to: undefined, generation: undefined, seq: 0, body } satisfies Message;
}

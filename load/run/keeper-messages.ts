import type { LoadOptions } from '../options/options.js';

/** What the process that the command was called in tells the one that does the work. */
export type ToKeeper =
  | {
      readonly kind: 'run';
      readonly options: LoadOptions;
      /** An empty folder for everything that is kept; removed afterwards. */
      readonly folder: string;
      readonly isTTY: boolean;
      readonly columns: number;
    }
  /** The terminal has another width now. */
  | { readonly kind: 'columns'; readonly columns: number }
  /** End with what is known by now. Losing the connection means: end at once. */
  | { readonly kind: 'stop' };

/** What it is told. */
export type FromKeeper =
  | { readonly kind: 'write'; readonly text: string }
  /** Something went wrong besides: a sentence. */
  | { readonly kind: 'complaint'; readonly message: string }
  /** It could not begin: a sentence. */
  | { readonly kind: 'problem'; readonly message: string }
  /** Nothing runs any more. */
  | { readonly kind: 'done'; readonly code: number };

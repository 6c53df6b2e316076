import type { Random } from '../../../shared/time.js';
import type { Author } from '../author/author.js';
import { UNTIMED } from '../author/edit-times.js';
import type { Counts } from '../counts.js';
import type { Beat } from '../typing/pulse.js';
import type { TypingModel } from '../typing/typing-model.js';
import type { Client } from './client.js';

/** A timer comes up to so much late by itself, in milliseconds: from then on it is this process that is late, and that counts. */
const TIMER_MS = 2;
/** Whoever rests looks so often whether he may go on, in milliseconds. */
const REST_MS = 250;

export interface TypistOptions {
  readonly client: Client;
  readonly author: Author;
  readonly model: TypingModel;
  readonly counts: Counts;
  readonly random: Random;
  /** Whether he is one of those who type at the moment. */
  readonly mayType: () => boolean;
}

/**
 * Types whatever the server does: each edit is due at its time, and the next one does not wait until this one is there. What an
 * edit takes is counted from when it was due, so that a server which holds everybody up does not look quick.
 */
export class Typist implements Beat {
  due: number;
  stopped = false;
  readonly #options: TypistOptions;

  /** @param now when he begins, in milliseconds */
  constructor(options: TypistOptions, now: number) {
    this.#options = options;
    this.due = now + options.model.firstAfterMs;
  }

  beat(due: number, now: number): number | undefined {
    const { client, author, model, counts, random, mayType } = this.#options;
    if (this.stopped || client.silenced) return undefined;
    if (!mayType()) return now + REST_MS * (0.5 + random());
    const pauseMs = model.type(author);
    const countsFrom = now - due <= TIMER_MS ? now : due;
    if (author.commit(client.excused ? UNTIMED : countsFrom)) {
      counts.typed++;
      client.edited();
    }
    return due + pauseMs;
  }
}

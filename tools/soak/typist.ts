import type { CoscribeProvider } from '../../client/provider.js';
import type { Dice } from '../dice.js';
import type { Edit, EditRecord } from './ledger.js';
import { type PlacedToken, placedTokens, tokenOf } from './tokens.js';

/** How fast somebody types: pauses between two edits, in milliseconds. */
export interface Pace {
  readonly from: number;
  readonly to: number;
}

export const USUAL_PACE: Pace = { from: 20, to: 120 };

/** About so many tokens a text has in the long run. */
const USUAL_TOKENS = 120;
const PASTED_TOKENS = 40;
const MOST_DELETED = 6;
/** Somebody who waits for the server stops typing at some time. */
const MOST_UNSAVED = 50;

/**
 * Types tokens that no other edit makes, between those that are there, never into one: so every text falls into whole
 * tokens or was spoilt. Deletes its own and other people's, pastes now and then.
 *
 * An edit is confirmed when the provider's `change` finds it among the first `edits - unsavedChanges`: each is one
 * transaction, and the provider confirms them in the order in which they were made.
 */
export class Typist implements EditRecord {
  edits: Edit[] = [];
  acked = 0;
  private count = 0;
  private typing: NodeJS.Timeout | undefined;

  constructor(
    readonly provider: CoscribeProvider,
    private readonly number: number,
    private readonly dice: Dice,
    private readonly pace: Pace = USUAL_PACE,
  ) {
    provider.on('change', () => {
      this.acked = Math.max(this.acked, this.edits.length - provider.unsavedChanges);
    });
  }

  get text(): string {
    return this.provider.doc.getText('text').toString();
  }

  /** Types on until `pause`; waits while very much is unsaved. */
  start(): void {
    clearTimeout(this.typing);
    this.typing = setTimeout(
      () => {
        if (this.provider.unsavedChanges < MOST_UNSAVED) this.edit();
        this.start();
      },
      this.dice.between(this.pace.from, this.pace.to),
    );
  }

  pause(): void {
    clearTimeout(this.typing);
  }

  forget(): void {
    this.edits = [];
    this.acked = 0;
  }

  /** One transaction. */
  edit(): void {
    const { dice, text } = this;
    const tokens = placedTokens(text);
    const deleting = dice.chance(Math.min(0.5, tokens.length / (2 * USUAL_TOKENS)));
    const victims = deleting ? this.victims(tokens) : [];
    const replacing = deleting && dice.chance(0.2);
    const pasting = !deleting && dice.chance(0.01);
    const fresh = deleting && !replacing ? 0 : pasting ? PASTED_TOKENS : 1;
    const inserted = Array.from({ length: fresh }, () =>
      tokenOf(this.number, ++this.count, dice.chance(0.2)),
    );
    const target = this.provider.doc.getText('text');
    const [first] = victims;
    const at = first?.at ?? text.indexOf(']', dice.between(0, text.length)) + 1;
    // Noted first: the provider tells of the change before the transaction returns.
    this.edits.push({ inserted, deleted: victims.map(({ token }) => token) });
    this.provider.doc.transact(() => {
      const length = victims.reduce((sum, { token }) => sum + token.length, 0);
      if (length > 0) target.delete(at, length);
      if (inserted.length > 0) target.insert(at, inserted.join(''));
    });
  }

  /** Some neighbours. */
  private victims(tokens: readonly PlacedToken[]): readonly PlacedToken[] {
    const from = this.dice.between(0, tokens.length - 1);
    return tokens.slice(from, from + this.dice.between(1, MOST_DELETED));
  }
}

import { CoscribeProvider } from '../../../client/provider.js';
import type { Dice } from '../../dice.js';
import { addressFor } from '../crowd.js';
import { Ledger } from '../ledger.js';
import { Typist } from '../typist.js';
import { until } from '../waiting.js';
import type { Role } from './assault.js';

const COUNT = 2;
const PACE = { from: 10, to: 60 };
const WITHIN_MS = 30_000;

/** Honest people at work in a document while somebody does his worst beside them. */
export class Neighbours {
  /** What they were told of, and had nothing to do with. */
  readonly mishaps: string[] = [];
  private watching = true;
  /** Edits that the ledger has forgotten. */
  private settled = 0;
  private readonly ledger = new Ledger();
  private readonly typists: Typist[] = [];

  constructor(
    private readonly url: string,
    private readonly role: Role,
    dice: Dice,
  ) {
    for (let number = 1; number <= COUNT; number++) {
      const provider = openProvider(url, role);
      const typist = new Typist(provider, number, dice, PACE);
      this.typists.push(typist);
      this.ledger.add(typist);
      provider.on('rejected', ({ code }) => this.mishaps.push(`an honest edit was refused: ${code}`));
      provider.on('diverged', (check) =>
        this.mishaps.push(`an honest copy is wrong at ${check?.seq ?? 'its own clocks'}`),
      );
    }
  }

  /** Edits that were confirmed. */
  get acked(): number {
    return this.settled + this.typists.reduce((sum, { acked }) => sum + acked, 0);
  }

  async start(): Promise<void> {
    await until(
      () => this.typists.every(({ provider }) => provider.synced),
      'the neighbours to join',
      WITHIN_MS,
    );
    for (const { provider } of this.typists) {
      provider.on('change', () => {
        if (!provider.synced && this.watching) this.mishaps.push(`a neighbour was ${provider.status}`);
      });
    }
    for (const typist of this.typists) typist.start();
  }

  /** Fulfils when they have got something more done. */
  waitForMore(): Promise<void> {
    const before = this.acked;
    return until(() => this.acked > before + COUNT, 'the neighbours to get on', WITHIN_MS);
  }

  /** They stop for a moment. @returns what is wrong with what they have typed, for them and for whoever comes now */
  async check(): Promise<string[]> {
    for (const typist of this.typists) typist.pause();
    const isSaved = (): boolean => this.typists.every(({ provider }) => provider.unsavedChanges === 0);
    const areEqual = (): boolean => new Set(this.typists.map(({ text }) => text)).size === 1;
    try {
      await until(() => isSaved() && areEqual(), 'the neighbours to have the same text', WITHIN_MS);
    } catch (error) {
      return [...this.mishaps, (error as Error).message];
    }
    const text = this.typists[0]?.text ?? '';
    const problems = this.ledger.check(text, this.ledger.confirmed());
    const fresh = await freshText(this.url, this.role);
    if (fresh !== text) problems.push('whoever comes now is shown another text than the neighbours');
    if (problems.length === 0) {
      this.settled = this.acked;
      this.ledger.settle(text);
    }
    return [...this.mishaps.splice(0), ...problems];
  }

  /** The server is about to stop, and may break the connection. */
  expectInterruption(): void {
    this.watching = false;
  }

  goOn(): void {
    for (const typist of this.typists) typist.start();
  }

  leave(): void {
    for (const typist of this.typists) {
      typist.pause();
      typist.provider.destroy();
    }
  }
}

export function openProvider(url: string, { document, token }: Role): CoscribeProvider {
  return new CoscribeProvider({ url: addressFor(url), document, token });
}

/** What a client is shown that has nothing yet. @throws Error if it gets nothing in time */
export async function freshText(url: string, role: Role): Promise<string> {
  const provider = openProvider(url, role);
  try {
    await until(() => provider.synced, `a fresh client to join ${role.document}`, WITHIN_MS);
    return provider.doc.getText('text').toString();
  } finally {
    provider.destroy();
  }
}

/** Whether the document can still be worked in. @returns what is wrong */
export async function checkUsable(url: string, role: Role): Promise<string[]> {
  const provider = openProvider(url, role);
  try {
    await until(() => provider.synced, `a fresh client to join ${role.document}`, WITHIN_MS);
    provider.doc.getText('text').insert(0, 'usable');
    await until(() => provider.unsavedChanges === 0, `an edit of ${role.document} to be saved`, WITHIN_MS);
    const text = await freshText(url, role);
    return text.startsWith('usable') ? [] : [`an edit of ${role.document} is gone`];
  } catch (error) {
    return [(error as Error).message];
  } finally {
    provider.destroy();
  }
}

import type { CoscribeProvider } from '../../client/provider.js';
import type { Random } from '../../shared/time.js';
import { between } from './seeds.js';

const TOKEN = /\[(\d+)\.(\d+)😀?\]/gu;

interface Edit {
  readonly kind: 'inserts' | 'deletes';
  readonly token: string;
}

/**
 * Somebody who types tokens that no other edit makes: `[3.17]` is the 17th of the third typist. They are put between others'
 * tokens, never into one, so every text falls into whole tokens or was spoilt. Sometimes one of the own is deleted.
 *
 * An edit is acked when a `change` of the provider finds it among the first `edits - unsavedChanges` edits: each is
 * one transaction, and the provider confirms them in the order in which they were made.
 */
export class Typist {
  readonly edits: Edit[] = [];
  private acked = 0;
  private typing: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly provider: CoscribeProvider,
    private readonly number: number,
    private readonly random: Random,
  ) {
    provider.on('change', () => {
      this.acked = Math.max(this.acked, this.edits.length - provider.unsavedChanges);
    });
  }

  get text(): string {
    return this.provider.doc.getText('text').toString();
  }

  /** Number of edits that the server has confirmed. */
  get ackedCount(): number {
    return this.acked;
  }

  /** Types on at a pace of its own until `pause`; stops by itself while very much is unsaved. */
  start(): void {
    this.typing = setTimeout(
      () => {
        if (this.provider.unsavedChanges < 50) this.edit();
        this.start();
      },
      between(this.random, 5, 30),
    );
  }

  pause(): void {
    clearTimeout(this.typing);
  }

  private edit(): void {
    const { text } = this;
    const own = [...text.matchAll(TOKEN)].filter(([, typist]) => Number(typist) === this.number);
    const victim = own[between(this.random, 0, 8 * Math.max(own.length, 1))];
    const target = this.provider.doc.getText('text');
    if (victim !== undefined) {
      this.edits.push({ kind: 'deletes', token: victim[0] });
      target.delete(victim.index, victim[0].length);
      return;
    }
    const token = `[${this.number}.${this.edits.length}${this.random() < 0.2 ? '😀' : ''}]`;
    // Noted first: the provider tells of the change before `insert` returns.
    this.edits.push({ kind: 'inserts', token });
    target.insert(text.indexOf(']', between(this.random, 0, text.length)) + 1, token);
  }
}

/** The tokens of a text. @throws Error if there is anything else in it, or a token twice */
export function tokensOf(text: string): Set<string> {
  const tokens = Array.from(text.matchAll(TOKEN), ([token]) => token);
  if (tokens.join('') !== text) throw new Error(`the text holds what nobody typed: ${text}`);
  const different = new Set(tokens);
  if (different.size !== tokens.length) throw new Error(`a token is there twice: ${text}`);
  return different;
}

/** The tokens that are there after these edits. */
export function tokensAfter(edits: readonly Edit[]): Set<string> {
  const tokens = new Set<string>();
  for (const { kind, token } of edits) {
    if (kind === 'inserts') tokens.add(token);
    else tokens.delete(token);
  }
  return tokens;
}

/** What a text that has at least the `acked` first of someone's edits, and no others than his, may not be. */
export function wrongBy(tokens: ReadonlySet<string>, edits: readonly Edit[], acked: number): string[] {
  const open = new Set(edits.slice(acked).map(({ token }) => token));
  const due = tokensAfter(edits.slice(0, acked));
  const problems: string[] = [];
  for (const { token } of edits) {
    if (open.has(token) || tokens.has(token) === due.has(token)) continue;
    problems.push(`${token} is ${tokens.has(token) ? 'there again after it was deleted' : 'lost'}`);
  }
  return problems;
}

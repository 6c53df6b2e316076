import type { Finding } from './findings.js';

/** Nothing in a store can be read. */
export class UnreadableStore extends Error {
  override readonly name = 'UnreadableStore';

  constructor(readonly findings: readonly Finding[]) {
    super(findings.map(({ what }) => what).join('; '));
  }
}

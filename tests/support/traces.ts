import * as Y from 'yjs';
import type { Random } from '../../shared/time.js';
import { between } from './seeds.js';

type Patch = [position: number, deleteCount: number, insert: string];

export interface SequentialTrace {
  startContent: string;
  endContent: string;
  txns: { time: string; patches: Patch[] }[];
}

export interface ConcurrentTrace {
  kind: 'concurrent';
  endContent: string;
  numAgents: number;
  txns: { parents: number[]; agent: number; time: string; patches: Patch[] }[];
}

const WORDS = ['a', 'b ', 'é', '漢字', '😀', '👩‍👩‍👧', '𝒳y𝒵', 'some words ', '\n'];

/** Somebody's recorded session, with `pauseMs` between any two transactions. */
export function sequentialTrace(random: Random, length: number, pauseMs = 0): SequentialTrace {
  const text = Array.from('👋 start ');
  const startContent = text.join('');
  const txns = Array.from({ length }, (_, index) => {
    const patches = Array.from({ length: between(random, 1, 3) }, () => somePatch(random, text));
    return { time: time(index * pauseMs), patches };
  });
  return { startContent, endContent: text.join(''), txns };
}

interface Author {
  readonly doc: Y.Doc;
  /** How many transactions of each author it has; its own among them. */
  version: number[];
  /** Indices of its transactions. */
  readonly made: number[];
}

/**
 * A session of several people who see one another's typing late, in pieces, and not all in the same order. Yjs says
 * what comes out, and the author with the lower number the lower clientID.
 */
export function concurrentTrace(random: Random, numAgents: number, length: number): ConcurrentTrace {
  const authors = Array.from({ length: numAgents }, (_, agent): Author => {
    const doc = new Y.Doc();
    doc.clientID = agent + 1;
    return { doc, version: new Array<number>(numAgents).fill(0), made: [] };
  });
  const versions: number[][] = [];
  const updates: Uint8Array[] = [];
  const txns: ConcurrentTrace['txns'] = [];
  for (let index = 0; index < length; index++) {
    const agent = between(random, 0, numAgents - 1);
    const author = authors[agent] as Author;
    if (random() < 0.4) {
      const other = authors[between(random, 0, numAgents - 1)] as Author;
      const seen = other.made[between(random, 0, other.made.length - 1)];
      if (seen !== undefined) see(author, versions[seen] as number[], authors, updates);
    }
    const parents = author.version.flatMap((count, of) => (authors[of] as Author).made[count - 1] ?? []);
    const before = Y.encodeStateVector(author.doc);
    const text = author.doc.getText('text');
    const characters = Array.from(text.toString());
    const patches = Array.from({ length: between(random, 1, 2) }, () => {
      const shown = [...characters];
      const [position, deleteCount, insert] = somePatch(random, characters);
      const from = shown.slice(0, position).join('').length;
      text.delete(from, shown.slice(position, position + deleteCount).join('').length);
      text.insert(from, insert);
      return [position, deleteCount, insert] as Patch;
    });
    updates.push(Y.encodeStateAsUpdate(author.doc, before));
    author.made.push(index);
    author.version = author.version.map((count, of) => (of === agent ? count + 1 : count));
    versions.push(author.version);
    txns.push({ parents, agent, time: time(0), patches });
  }
  const end = new Y.Doc();
  for (const update of updates) Y.applyUpdate(end, update);
  return { kind: 'concurrent', endContent: end.getText('text').toString(), numAgents, txns };
}

function see(
  author: Author,
  version: readonly number[],
  authors: readonly Author[],
  updates: readonly Uint8Array[],
): void {
  const known = author.version;
  author.version = known.map((count, of) => Math.max(count, version[of] ?? 0));
  const indices = author.version.flatMap((count, of) => (authors[of] as Author).made.slice(known[of], count));
  for (const index of indices.sort((a, b) => a - b)) Y.applyUpdate(author.doc, updates[index] as Uint8Array);
}

/** A patch that fits these characters, and is made in them. */
function somePatch(random: Random, characters: string[]): Patch {
  const position = between(random, 0, characters.length);
  const deleteCount = random() < 0.3 ? between(random, 0, Math.min(3, characters.length - position)) : 0;
  const insert = random() < 0.85 ? (WORDS[between(random, 0, WORDS.length - 1)] ?? '') : '';
  characters.splice(position, deleteCount, ...Array.from(insert));
  return [position, deleteCount, insert];
}

function time(ms: number): string {
  return new Date(1_600_000_000_000 + ms).toISOString();
}

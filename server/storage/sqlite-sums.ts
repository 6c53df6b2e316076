import { checksum } from './checksum.js';
import type { LifeEvent } from './delivery-store.js';

/** A row of `deliveries`. */
export interface ToldRow {
  readonly document: number;
  readonly hook: number;
  readonly told: number;
  readonly target: number;
  readonly owner: string;
  readonly until: number;
}

/** A row of `life_events`. */
export interface LifeRow extends LifeEvent {
  readonly hook: string;
  readonly owner: string;
  readonly until: number;
}

/** Of a range of pieces that no snapshot consists of. */
export function looseSum(first: number, last: number, document: number): number {
  return checksum([first, last, document]);
}

/** Of a document that is being erased. */
export function eraseSum(document: number, id: string): number {
  return checksum([document, id]);
}

/** Of a name that a document had. */
export function movedSum(id: string, document: number, movedAt: number): number {
  return checksum([id, document, movedAt]);
}

/** Of a webhook. */
export function hookSum(name: string, since: number, checkedMinute: number): number {
  return checksum([name, since, checkedMinute]);
}

/** Of what a webhook was told of a document. */
export function toldSum({ document, hook, told, target, owner, until }: ToldRow): number {
  return checksum([document, hook, told, target, until, owner]);
}

/** Of a hook for which it is kept what becomes of documents. */
export function lifeHookSum(hook: string, kinds: string, seenAt: number): number {
  return checksum([hook, kinds, seenAt]);
}

/** Of what became of a document. */
export function lifeSum(row: LifeRow): number {
  const { key, hook, kind, id, former, generation, head, at, owner, until } = row;
  return checksum([key, hook, kind, id, former ?? '', generation, head, at, until, owner]);
}

import type { DocumentId } from '../../shared/ids.js';
import type { Ask } from './snapshot-transfer.js';

/**
 * Erases deleted documents one after the other, each in steps with a commit of their own. The first one takes the
 * document away; whatever ends the others early, the next purge goes on with it. Only one may be under way at a time.
 */
export async function purge(ask: Ask, deletedUntil: number, limit: number): Promise<readonly DocumentId[]> {
  const purged: DocumentId[] = [];
  while (purged.length < limit) {
    const document = await ask('beginErasing', { deletedUntil });
    if (document === undefined) break;
    while (await ask('erase', { key: document.key }));
    purged.push(document.id);
  }
  return purged;
}

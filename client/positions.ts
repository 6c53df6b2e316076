import * as Y from 'yjs';

/** An index; or `elsewhere`: in another type; or `unknown`: at a character that has not arrived, or is long gone. */
export type Place = number | 'elsewhere' | 'unknown';

/** Where in `text` a relative position is. Safe with positions from anywhere. */
export function resolvePosition(position: Y.RelativePosition, text: Y.Text): Place {
  const { doc } = text;
  if (doc === null) return 'elsewhere';
  const { item, tname } = position;
  // Yjs would create a root type of any name that a position gives.
  const root: unknown = item === null && tname !== null ? doc.share.get(tname) : text;
  if (root !== text) return 'elsewhere';
  try {
    const place = Y.createAbsolutePositionFromRelativePosition(position, doc);
    if (place === null) return 'unknown';
    return place.type === text ? place.index : 'elsewhere';
  } catch {
    // It names a thing that is no place at all.
    return 'elsewhere';
  }
}

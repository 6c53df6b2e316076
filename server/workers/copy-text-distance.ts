/** What comparing may cost: characters compared with characters. */
export interface Effort {
  left: number;
}

/**
 * How many characters have to be written, deleted or replaced to make one text of the other (Levenshtein's distance). Takes as many
 * comparisons as the product of what is between the ends that are the same.
 *
 * @param most more than this is told as this, for less effort
 * @param effort what is spent is taken from it; when it is used up every distance is `most`
 */
export function textDistance(a: string, b: string, most: number, effort: Effort): number {
  if (a === b) return 0;
  if (Math.abs(a.length - b.length) >= most) return most;
  const shorter = Math.min(a.length, b.length);
  let start = 0;
  while (start < shorter && a[start] === b[start]) start++;
  let end = 0;
  while (end < shorter - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const [height, width] = [a.length - start - end, b.length - start - end];
  effort.left -= start + end + height * width;
  if (effort.left < 0) return most;
  let above = Uint16Array.from({ length: width + 1 }, (_, n) => n);
  let row = new Uint16Array(width + 1);
  for (let y = 1; y <= height; y++) {
    const unit = a.charCodeAt(start + y - 1);
    row[0] = y;
    for (let x = 1; x <= width; x++) {
      const replaced = (above[x - 1] ?? 0) + (unit === b.charCodeAt(start + x - 1) ? 0 : 1);
      row[x] = Math.min(replaced, (above[x] ?? 0) + 1, (row[x - 1] ?? 0) + 1);
    }
    [above, row] = [row, above];
  }
  return Math.min(most, above[width] ?? 0);
}

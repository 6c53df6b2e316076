/** Bytes that a whole number takes as varUint. */
export function varUintLength(number: number): number {
  let length = 1;
  for (let rest = number; rest > 0x7f; rest = Math.floor(rest / 0x80)) length++;
  return length;
}

/**
 * Writes a whole number below 2^53 as lib0 does: seven bits a byte, the lowest first. The room must be there.
 *
 * @returns where the next byte goes
 */
export function writeVarUint(bytes: Uint8Array, start: number, number: number): number {
  let at = start;
  let rest = number;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes[at++] = 0x80 | (rest % 0x80);
  bytes[at++] = rest;
  return at;
}

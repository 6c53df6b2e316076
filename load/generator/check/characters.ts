/** `1 character`, `34 characters` */
export function characters(count: number): string {
  return `${count} ${count === 1 ? 'character' : 'characters'}`;
}

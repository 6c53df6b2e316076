/** A text in which addresses have no passwords: for what is told, and may end in a log. */
export function withoutPassword(text: string): string {
  return text.replace(/(:\/\/[^\s/:@]*):\S*@/g, '$1:…@');
}

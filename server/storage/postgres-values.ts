/** Array literals of PostgreSQL. Faster than what `pg` makes of arrays, and what most of an append consists of. */
export function numberList(values: readonly number[]): string {
  return `{${values.join(',')}}`;
}

/** Values as texts, each as `textValue` gives it. */
export function textList(values: readonly string[]): string {
  return `{${values.map(textItem).join(',')}}`;
}

function textItem(value: string): string {
  return `"${textValue(value).replace(/["\\]/g, '\\$&')}"`;
}

/** As `numberList`, with NULL for what is `undefined`. */
export function optionalNumbers(values: readonly (number | undefined)[]): string {
  return `{${values.map((value) => value ?? 'NULL').join(',')}}`;
}

/** As `textList`, with NULL for what is `undefined`. */
export function optionalTexts(values: readonly (string | undefined)[]): string {
  return `{${values.map((value) => (value === undefined ? 'NULL' : textItem(value))).join(',')}}`;
}

/** PostgreSQL's texts hold every character but one. That one is written `\0`, and `\` is written twice. */
export function textValue(text: string): string {
  return text.replace(/[\\\0]/g, (character) => (character === '\0' ? '\\0' : '\\\\'));
}

export function fromTextValue(value: string): string {
  return value.replace(/\\(.)/g, (_, character) => (character === '0' ? '\0' : character));
}

/** What `string_agg` of numbers gave. */
export function readNumbers(list = ''): number[] {
  return list.split(',').map(Number);
}

/** What `encode(…, 'base64')` gave, as bytes of their own. Half the price of the hexadecimal digits that are usual. */
export function bytesOfBase64(text = ''): Uint8Array {
  return new Uint8Array(Buffer.from(text, 'base64'));
}

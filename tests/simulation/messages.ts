/** A message as it comes out at the other end: its bytes are bytes of their own. */
export function delivered<T>(message: T): T {
  return copy(message) as T;
}

function copy(value: unknown): unknown {
  if (value instanceof Uint8Array) return value.slice();
  if (Array.isArray(value)) return value.map(copy);
  if (typeof value !== 'object' || value === null) return value;
  const fields = Object.entries(value).filter(([, field]) => field !== undefined);
  return Object.fromEntries(fields.map(([name, field]) => [name, copy(field)]));
}

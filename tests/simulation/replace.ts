export type Method = (this: never, ...args: never[]) => unknown;

/** Puts another method in the place of one. @returns what puts it back */
export function replace(prototype: object, name: string, make: (original: Method) => Method): () => void {
  const original: Method = Reflect.get(prototype, name);
  if (typeof original !== 'function') throw new Error(`there is no method ${name}`);
  Reflect.set(prototype, name, make(original));
  return () => {
    Reflect.set(prototype, name, original);
  };
}

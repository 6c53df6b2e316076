/**
 * What an object of options may hold: each name with the kind of value that it takes, as `typeof` says it, several with
 * " or ". The compiler finds a name that is missing.
 */
export type OptionKinds<Options> = { readonly [name in keyof Options]-?: string };

/**
 * Says what is wrong with options that nothing has checked: a name that is none, or a value of another kind. Most applications
 * are written in JavaScript, where nobody else finds a name that is misspelled. An option that is `undefined` is not given.
 *
 * @param of whose options they are
 * @throws TypeError
 */
export function checkKinds(of: string, given: unknown, kinds: Readonly<Record<string, string>>): void {
  if (typeof given !== 'object' || given === null) throw new TypeError(`${of} takes an object with options.`);
  for (const [name, value] of Object.entries(given)) {
    const kind = value === null ? 'null' : typeof value;
    if (!Object.hasOwn(kinds, name) || !`undefined or ${kinds[name]}`.includes(kind))
      throw new TypeError(
        `${of} has no option "${name}" of type ${kind}; its options are ${JSON.stringify(kinds)}.`,
      );
  }
}

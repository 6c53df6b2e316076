/** What an option's value may be once it is read. */
export type OptionValue = string | number | readonly string[];

/**
 * One option of the server, declared once. The environment variable, the flag, the text of `--help`, the row of the
 * table in docs/OPERATIONS.md and the type in `Config` all come from its declaration.
 */
export interface Option<T extends OptionValue> {
  readonly env: string;
  /** Long flag, without the dashes. */
  readonly flag: string;
  /** What `--help` shows for the value: `BYTES`. */
  readonly placeholder: string;
  readonly default: T;
  readonly sentence: string;
  /** The only values there are, where they can be counted. */
  readonly choices?: readonly string[];
  /** The value may hold a password or a key: no message repeats it. */
  readonly secret?: true;
  /** The value, or a sentence's predicate saying what it must be: "must be a whole number from 1 to 9". */
  parse(raw: string): Parsed<T>;
}

export type Parsed<T> = { readonly value: T } | { readonly problem: string };

/** What a kind of option does not know by itself. */
export type Declaration<T extends OptionValue> = Omit<Option<T>, 'parse' | 'placeholder' | 'choices'>;

/** A whole number. */
export function integer(
  placeholder: string,
  declaration: Declaration<number> & { readonly min: number; readonly max: number },
): Option<number> {
  const { min, max, ...rest } = declaration;
  return {
    ...rest,
    placeholder,
    parse(raw) {
      const value = /^-?\d+$/.test(raw) ? Number(raw) : Number.NaN;
      if (value >= min && value <= max) return { value };
      return { problem: `must be a whole number from ${min} to ${max}` };
    },
  };
}

/** One of a few words. */
export function oneOf<T extends string>(
  placeholder: string,
  values: readonly T[],
  declaration: Declaration<T>,
): Option<T> {
  return {
    ...declaration,
    placeholder,
    choices: values,
    parse(raw) {
      const value = values.find((candidate) => candidate === raw);
      return value === undefined ? { problem: `must be one of ${values.join(', ')}` } : { value };
    },
  };
}

/** Text that fulfils a condition; `problem` says which, as a predicate: "must begin with …". */
export function text(
  placeholder: string,
  fits: (raw: string) => boolean,
  problem: string,
  declaration: Declaration<string>,
): Option<string> {
  return { ...declaration, placeholder, parse: (raw) => (fits(raw) ? { value: raw } : { problem }) };
}

/** Several texts with commas between them, each of which `read` gives its usual form, or `undefined` if it will not do. */
export function list(
  placeholder: string,
  read: (item: string) => string | undefined,
  problem: string,
  declaration: Declaration<readonly string[]>,
): Option<readonly string[]> {
  return {
    ...declaration,
    placeholder,
    parse(raw) {
      const value: string[] = [];
      for (const item of raw.split(',')) {
        const one = read(item.trim());
        if (one === undefined) return { problem };
        value.push(one);
      }
      return { value };
    },
  };
}

import type { OptionKinds } from '../../shared/option-kinds.js';
import type { Hooks } from './hooks.js';

const HOOKS: OptionKinds<Hooks> = {
  onLoad: 'function',
  onJoin: 'function',
  onLeave: 'function',
  onCommit: 'function',
  onStateless: 'function',
};

/**
 * What is wrong with the hooks of an application, in sentences. An object of a class may have members of its own beside them,
 * as long as none is called like a hook.
 */
export function hookProblems(hooks: unknown): string[] {
  if (hooks === undefined) return [];
  if (typeof hooks !== 'object' || hooks === null)
    return [`hooks must be an object with functions, not ${hooks === null ? 'null' : typeof hooks}.`];
  const isPlain = [Object.prototype, null].includes(Object.getPrototypeOf(hooks));
  const there = Object.keys(HOOKS).join(', ');
  const problems: string[] = [];
  for (const name of namesOf(hooks)) {
    if (Object.hasOwn(HOOKS, name)) {
      const kind = typeof Reflect.get(hooks, name);
      if (kind !== 'function' && kind !== 'undefined')
        problems.push(`The hook ${name} must be a function, not ${kind}.`);
    } else if (isPlain || /^on[A-Z]/.test(name)) problems.push(`"${name}" is no hook; there are ${there}.`);
  }
  return problems;
}

/** The names of an object and of its classes. */
function namesOf(object: object): Set<string> {
  const names = new Set<string>();
  for (let of = object; of !== null && of !== Object.prototype; of = Object.getPrototypeOf(of))
    for (const name of Object.getOwnPropertyNames(of)) names.add(name);
  return names;
}

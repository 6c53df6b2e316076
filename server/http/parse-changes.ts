import { CoscribeError } from '../../shared/errors.js';
import type { DeltaOperation, PatchOperation } from '../copies/copies.js';
import { quoted } from './json-body.js';

/** Of one request. */
const MAX_OPERATIONS = 10_000;
const MAX_DEPTH = 64;
const DELTA_KINDS = ['retain', 'insert', 'delete'] as const;
/** What each operation of a JSON patch has beside `op` and `path` (RFC 6902, 4). */
const PATCH_MEMBERS: Readonly<Record<PatchOperation['op'], readonly string[]>> = {
  add: ['value'],
  remove: [],
  replace: ['value'],
  move: ['from'],
  copy: ['from'],
  test: ['value'],
};
/** A JSON pointer with at least one part (RFC 6901). */
const POINTER = /^(?:\/(?:[^~/]|~[01])*)+$/;

/** Half of a surrogate pair: UTF-8 has no form for it. */
const HALF_CHARACTER = /\p{Surrogate}/u;

type Members = Readonly<Record<string, unknown>>;

/**
 * Checks that JSON has the form of Quill's delta. Whether it fits a text shows when it is applied.
 *
 * @throws CoscribeError `bad-request` with the number of the operation, from 0 on
 */
export function parseDelta(json: unknown): readonly DeltaOperation[] {
  return operationsIn(json).map((operation, at) => {
    const [kind, more] = DELTA_KINDS.filter((one) => Object.hasOwn(operation, one));
    if (kind === undefined || more !== undefined)
      throw unfit(at, 'it has exactly one of "retain", "insert" and "delete"');
    refuseOthers(operation, at, kind === 'delete' ? [kind] : [kind, 'attributes']);
    const { [kind]: what, attributes } = operation;
    if (kind === 'insert') {
      if (!(typeof what === 'string' ? what !== '' : isObject(what)))
        throw unfit(at, '"insert" is a text with something in it, or an object');
    } else if (!(Number.isSafeInteger(what) && (what as number) > 0))
      throw unfit(at, `"${kind}" is a whole number of characters, from 1 on`);
    if (attributes !== undefined && !isObject(attributes)) throw unfit(at, '"attributes" is an object');
    return operation as DeltaOperation;
  });
}

/**
 * Checks that JSON has the form of a JSON patch (RFC 6902). Whether it fits the document shows when it is applied.
 *
 * @throws CoscribeError `bad-request` with the number of the operation, from 0 on
 */
export function parsePatch(json: unknown): readonly PatchOperation[] {
  return operationsIn(json).map((operation, at) => {
    const { op, path, from } = operation;
    if (typeof op !== 'string' || !isPatchKind(op))
      throw unfit(at, `"op" is one of ${Object.keys(PATCH_MEMBERS).join(', ')}`);
    refuseOthers(operation, at, ['op', 'path', ...PATCH_MEMBERS[op]]);
    for (const member of PATCH_MEMBERS[op])
      if (!Object.hasOwn(operation, member)) throw unfit(at, `it has no "${member}"`);
    if (!isPointer(path)) throw unfit(at, '"path" is a JSON pointer that begins with the name of a root');
    if (PATCH_MEMBERS[op].includes('from') && !isPointer(from))
      throw unfit(at, '"from" is a JSON pointer that begins with the name of a root');
    return operation as unknown as PatchOperation;
  });
}

/** @throws CoscribeError `bad-request` */
function operationsIn(json: unknown): readonly Members[] {
  if (!Array.isArray(json)) throw malformed('the body must be a JSON array of operations');
  if (json.length > MAX_OPERATIONS) throw malformed(`at most ${MAX_OPERATIONS} operations in one request`);
  return json.map((operation: unknown, at) => {
    if (!isObject(operation)) throw unfit(at, 'it is no object');
    const problem = problemIn(operation);
    if (problem !== undefined) throw unfit(at, problem);
    return operation;
  });
}

/** What no document takes, wherever it stands. Not recursive: what is looked at may be as deep as it likes. */
function problemIn(value: object): string | undefined {
  let level: object[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > MAX_DEPTH) return `arrays and objects lie more than ${MAX_DEPTH} deep in one another`;
    const next: object[] = [];
    for (const [key, inner] of level.flatMap((one) => Object.entries(one) as [string, unknown][])) {
      if (key === '__proto__') return '"__proto__" is no key';
      if (HALF_CHARACTER.test(key) || (typeof inner === 'string' && HALF_CHARACTER.test(inner)))
        return 'a text in it ends or begins with half a character';
      if (typeof inner === 'object' && inner !== null) next.push(inner);
    }
    level = next;
  }
  return undefined;
}

function refuseOthers(operation: Members, at: number, known: readonly string[]): void {
  const other = Object.keys(operation).find((name) => !known.includes(name));
  if (other !== undefined) throw unfit(at, `${quoted(other)} is no member of it`);
}

function isPatchKind(op: string): op is PatchOperation['op'] {
  return Object.hasOwn(PATCH_MEMBERS, op);
}

function isPointer(path: unknown): boolean {
  return typeof path === 'string' && POINTER.test(path) && !path.split('/').includes('__proto__');
}

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function unfit(at: number, problem: string): CoscribeError {
  return malformed(`operation ${at}: ${problem}`);
}

function malformed(detail: string): CoscribeError {
  return new CoscribeError('bad-request', detail);
}

import { callArguments, isNode, parseTypeScript, type SyntaxNode, walk } from './syntax.js';

const PROMISE = /^- \[([A-Z]+\d+)\] \S/;
const NUMBER = /\[([A-Z]+\d+)\]/g;
const LEADING = /^(?:\[[A-Z]+\d+\]\s*)+/;

interface TestName {
  readonly name: string;
  /** Whether jest runs it; a test that is skipped holds nothing. */
  readonly runs: boolean;
}

/**
 * Compares docs/SPEC.md with the names of the tests: every promise `- [AREA1] …` has a number of its own and a
 * test that begins with it, and no test names a number that is not there.
 *
 * @param spec text of docs/SPEC.md
 * @param files test files (tests, contracts, helpers): path -> text
 * @returns one sentence for everything that is wrong
 */
export function checkSpec(spec: string, files: ReadonlyMap<string, string>): string[] {
  const problems: string[] = [];
  const promised = new Set<string>();
  for (const line of spec.split('\n').filter((text) => /^\s*[-*]\s*\[/.test(text))) {
    const number = PROMISE.exec(line)?.[1];
    if (number === undefined) problems.push(`not of the form "- [AREA1] Sentence.": ${line}`);
    else if (promised.has(number)) problems.push(`[${number}] is there twice`);
    else promised.add(number);
  }

  const held = new Set<string>();
  for (const [path, text] of files) {
    for (const { name, runs } of testNames(text)) {
      const numbers = numbersIn(name);
      for (const number of numbers) {
        if (!promised.has(number)) problems.push(`${path} names [${number}], which is not promised: ${name}`);
      }
      if (runs) for (const number of numbersIn(LEADING.exec(name)?.[0] ?? '')) held.add(number);
      else if (numbers.length > 0) problems.push(`${path} skips ${name}`);
    }
  }
  for (const number of promised) if (!held.has(number)) problems.push(`no test holds [${number}]`);
  return problems;
}

function numbersIn(text: string): string[] {
  return [...text.matchAll(NUMBER)].map((match) => match[1] ?? '');
}

/** Names that the source gives to its tests; a place filled in at run time is empty in them. */
function testNames(text: string): TestName[] {
  const names: TestName[] = [];
  const look = (root: unknown, runs: boolean): void =>
    walk(root, (node) => {
      if (node === root || node.type !== 'CallExpression') return undefined;
      const [base, ...modifiers] = calleeNames(node.callee);
      const runsHere = runs && !modifiers.some((name) => name === 'skip' || name === 'todo');
      if (base === 'test' || base === 'it')
        names.push({ name: writtenText(callArguments(node)[0]), runs: runsHere });
      if (base !== 'describe' || runsHere) return undefined;
      look(node, false);
      return false;
    });
  look(parseTypeScript(text), true);
  return names;
}

/** `['test', 'skip', 'each']` for `test.skip.each(…)` and `test.skip.each`…``, the callee of a call; `''` for what is no name. */
function calleeNames(callee: unknown): string[] {
  if (!isNode(callee)) return [''];
  switch (callee.type) {
    case 'Identifier':
      return [String(callee.value)];
    case 'MemberExpression':
      return [...calleeNames(callee.object), String((callee.property as SyntaxNode).value)];
    case 'CallExpression':
      return calleeNames(callee.callee);
    case 'TaggedTemplateExpression':
      return calleeNames(callee.tag);
    default:
      return [''];
  }
}

function writtenText(value: unknown): string {
  if (!isNode(value)) return '';
  switch (value.type) {
    case 'StringLiteral':
      return String(value.value);
    case 'TemplateLiteral':
      return (value.quasis as { cooked: string }[]).map(({ cooked }) => cooked).join('');
    case 'BinaryExpression':
      return writtenText(value.left) + writtenText(value.right);
    default:
      return '';
  }
}

import { describe, expect, test } from '@jest/globals';
import * as Y from 'yjs';
import { LIMIT_OPTIONS } from '../../server/config/limit-options.js';
import { decodeFrame, decodeUpdateList } from '../../shared/frames.js';
import { PROTOCOL_VERSION } from '../../shared/protocol.js';
import { readProjectFile } from '../support/project-files.js';
import { isNode, parseTypeScript, type SyntaxNode, walk } from '../support/syntax.js';

const doc = readProjectFile('docs/PROTOCOL.md');

/** An interface of shared/protocol.ts: its members, and for methods the names of their arguments. */
function membersOf(name: string): Map<string, string[]> {
  const members = new Map<string, string[]>();
  walk(parseTypeScript(readProjectFile('shared/protocol.ts')), (node) => {
    if (node.type !== 'TsInterfaceDeclaration' || nameOf(node.id) !== name) return undefined;
    for (const member of (node.body as { body: SyntaxNode[] }).body) {
      const params = (member.params ?? []) as unknown[];
      members.set(nameOf(member.key), params.map(nameOf));
    }
    return false;
  });
  return members;
}

function nameOf(value: unknown): string {
  return isNode(value) ? String(value.value) : '';
}

/** The part of the document under a heading, up to the next one of the same or a higher level. */
function section(heading: string): string {
  const start = doc.indexOf(`\n${heading}\n`);
  if (start < 0) throw new Error(`docs/PROTOCOL.md has no heading "${heading}"`);
  const level = heading.indexOf(' ');
  const end = doc.slice(start + 1 + heading.length).search(new RegExp(`^#{1,${level}} `, 'm'));
  return end < 0 ? doc.slice(start) : doc.slice(start, start + 1 + heading.length + end);
}

/** Names in the first column of the first table whose header says `field`, after `from`. */
function fieldsAfter(text: string, from: string): string[] {
  const rows = text.slice(text.indexOf(from)).split('\n');
  const start = rows.findIndex((row) => row.startsWith('| field |')) + 2;
  const end = rows.findIndex((row, at) => at >= start && !row.startsWith('|'));
  return rows.slice(start, end).map((row) => /^\| `(\w+)`/.exec(row)?.[1] ?? row);
}

/** Headings `### \`name\` (arguments) → answer` of a part: name -> arguments. */
function events(heading: string): Map<string, string[]> {
  const found = section(heading).matchAll(/^### `(\w+)` \(([^)]*)\)( → answer)?$/gm);
  return new Map(
    [...found].map(([, name = '', args = '', answer]) => [
      name,
      [...args.split(', ').filter((arg) => arg !== ''), ...(answer === undefined ? [] : ['answer'])],
    ]),
  );
}

describe('docs/PROTOCOL.md', () => {
  test('[GW9] its messages are those of shared/protocol.ts, with the same number of arguments', () => {
    for (const [heading, name] of [
      ['## Messages of the client', 'ClientToServerEvents'],
      ['## Messages of the server', 'ServerToClientEvents'],
    ] as const) {
      const inCode = [...membersOf(name)].map(([event, args]) => [event, args.length]);
      const inDoc = [...events(heading)].map(([event, args]) => [event, args.length]);
      expect(inDoc).toEqual(inCode);
    }
  });

  test('[GW9] the fields of its objects are those of shared/protocol.ts', () => {
    const join = section('## Messages of the client');
    expect(fieldsAfter(join, 'The request:')).toEqual([...membersOf('JoinRequest').keys()]);
    expect(fieldsAfter(join, 'The answer if it went well:')).toEqual([...membersOf('Joined').keys()]);
    expect(fieldsAfter(section('## Connecting to a document'), 'auth')).toEqual([
      ...membersOf('ConnectAuth').keys(),
    ]);
    for (const limit of membersOf('SessionLimits').keys()) expect(join).toContain(`\`${limit}\``);
    for (const field of membersOf('Committed').keys()) expect(join).toContain(`"${field}":`);
    expect(doc).toContain(`version ${PROTOCOL_VERSION}.`);
    expect(doc).toContain(`{"protocol":${PROTOCOL_VERSION}}`);
  });

  test('[GW9] its rates are those that a server has unless it is told otherwise', () => {
    const rates = section('## Limits');
    const count = (option: keyof typeof LIMIT_OPTIONS) => LIMIT_OPTIONS[option].default.toLocaleString('en');
    const both = (rate: keyof typeof LIMIT_OPTIONS, burst: keyof typeof LIMIT_OPTIONS, rest = '') =>
      `${count(rate)} a second, ${count(burst)} at once${rest}`;
    expect(rates).toContain(both('maxUpdatesPerSecond', 'updateBurst', ' after a rest;'));
    expect(rates).toContain(both('maxJoinsPerSecond', 'joinBurst'));
    expect(rates).toContain(both('maxAwarenessPerSecond', 'awarenessBurst'));
  });

  test('[GW9] its example of a frame is one', () => {
    const [lines = [], awareness = []] = [...doc.matchAll(/```hex\n([\s\S]*?)```/g)].map(([, text = '']) =>
      text.trim().split('\n').map(readHexLine),
    );
    const frame = decodeFrame(Uint8Array.from(lines.flat()));
    expect(frame.from).toBe(200);
    expect(frame.updates).toHaveLength(2);
    expect(decodeUpdateList(Uint8Array.from(lines.slice(1).flat()))).toEqual(frame.updates);
    const copy = new Y.Doc();
    for (const update of frame.updates) Y.applyUpdate(copy, update);
    expect(copy.getText('text').toString()).toBe('Hi!');
    expect([...copy.store.clients.keys()]).toEqual([300]);
    expect(awareness.flat()).toEqual([1, 0xac, 2, 5, 2, 0x7b, 0x7d]);
  });
});

/** The bytes at the beginning of a line; the explanation follows after two spaces. */
function readHexLine(line: string): number[] {
  return (line.split('  ')[0] ?? '').split(' ').map((byte) => Number.parseInt(byte, 16));
}

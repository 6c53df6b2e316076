import { expect, test } from '@jest/globals';
import { peopleLabel, readPeople } from '../../../client/app/people.js';

const states = new Map<number, unknown>([
  [3, { user: { name: 'Zoe', color: '#112233' } }],
  [1, { user: { name: 'Me', color: '#445566' }, cursor: null }],
  [2, { user: { name: '<b>Ada</b>', color: 'red;' } }],
  [4, null],
  [5, {}],
]);

test('[PAGE7] oneself comes first, the others by name; a state that says nothing is a guest', () => {
  const people = readPeople(states, 1);
  expect(people.map(({ name, clientId, self }) => [name, clientId, self])).toEqual([
    ['Me', 1, true],
    ['<b>Ada</b>', 2, false],
    ['Guest', 5, false],
    ['Zoe', 3, false],
  ]);
  for (const { color } of people) expect(color).toMatch(/^#[0-9a-f]{6}$/);
});

test('[PAGE29] who is hidden sees himself first all the same, marked so', () => {
  const me = { name: 'Me', color: '#445566' };
  const people = readPeople(new Map([[3, { user: { name: 'Zoe', color: '#112233' } }]]), 1, me);
  expect(people.map(({ name, self, hidden }) => [name, self, hidden])).toEqual([
    ['Me', true, true],
    ['Zoe', false, undefined],
  ]);
  expect(peopleLabel(people)).toBe('Who is here: you (Me, not shown to others), Zoe');
  expect(readPeople(states, 1, me).filter(({ self }) => self)).toHaveLength(1);
});

test('[PAGE7] the label names the first and counts the others', () => {
  const person = (name: string, self = false) => ({ name, self, color: '#000000', clientId: 1 });
  expect(peopleLabel([])).toBe('Who is here');
  expect(peopleLabel([person('Me', true), person('Ada')])).toBe('Who is here: you (Me), Ada');
  expect(peopleLabel(['A', 'B', 'C', 'D', 'E', 'F'].map((name) => person(name)))).toBe(
    'Who is here: A, B, C, D and 2 more',
  );
});

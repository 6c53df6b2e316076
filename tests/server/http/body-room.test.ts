import { expect, test } from '@jest/globals';
import { BodyRoom } from '../../../server/http/body-room.js';

const busy = expect.objectContaining({ code: 'server-busy' });

test('[API10] bodies that are under way have so much room together, and what is done gives its part back', () => {
  const room = new BodyRoom({ all: 100, each: 100 });
  const [one, other] = [room.hold('one'), room.hold('other')];
  one.add(60);
  other.add(40);
  expect(() => other.add(1)).toThrow(busy);
  one.release();
  one.release();
  other.add(60);
  expect(() => one.add(1)).toThrow(busy);
  other.release();
  room.hold('third').add(100);
});

test('[API10] one sender has a part of the room, however many bodies he begins', () => {
  const room = new BodyRoom({ all: 100, each: 40 });
  const [first, second] = [room.hold('one'), room.hold('one')];
  first.add(30);
  second.add(10);
  expect(() => second.add(1)).toThrow(busy);
  room.hold('other').add(40);
  first.release();
  second.add(30);
  expect(() => second.add(1)).toThrow(busy);
});

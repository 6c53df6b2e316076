import { parsePresence } from '../../shared/presence.js';
import type { Identity } from './identity.js';

/** Somebody who has the document open. */
export interface Person extends Identity {
  readonly clientId: number;
  readonly self: boolean;
  /** The others don't see this person. */
  readonly hidden?: true;
}

/** Everybody whose awareness state is known; oneself first, also if one is hidden, the others by name. */
export function readPeople(
  states: ReadonlyMap<number, unknown>,
  ownClientId: number,
  me?: Identity,
): readonly Person[] {
  const people: Person[] = [];
  if (me !== undefined && !states.has(ownClientId))
    people.push({ ...me, clientId: ownClientId, self: true, hidden: true });
  for (const [clientId, state] of states) {
    const presence = parsePresence(state, clientId);
    if (presence !== undefined) people.push({ ...presence.user, clientId, self: clientId === ownClientId });
  }
  return people.sort(
    (a, b) =>
      Number(b.self) - Number(a.self) || a.name.localeCompare(b.name, 'en') || a.clientId - b.clientId,
  );
}

/** What a screen reader says of the row of avatars: "Who is here: you (Quiet Otter), Ada and 2 more". */
export function peopleLabel(people: readonly Person[]): string {
  if (people.length === 0) return 'Who is here';
  const named = people.slice(0, 4).map(({ name, self, hidden }) => {
    if (!self) return name;
    return hidden ? `you (${name}, not shown to others)` : `you (${name})`;
  });
  const more = people.length - named.length;
  return `Who is here: ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

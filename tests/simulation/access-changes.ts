import type { DocumentId } from '../../shared/ids.js';
import { ROLES } from '../../shared/protocol.js';
import type { AccessEvent } from './access-profile.js';
import type { Directory } from './directory.js';
import type { Person } from './person.js';
import type { World } from './world.js';

interface Facts {
  readonly world: World;
  readonly directory: Directory;
  readonly id: DocumentId;
  readonly victim: Person;
}

/** What each kind of change does. It is in the store when it has happened; the nodes hear of it, or don't. */
const CHANGE: Record<AccessEvent, (facts: Facts) => void> = {
  role({ world, directory, id, victim }) {
    if (!victim.changeable) return;
    const to = world.dice.pick([...ROLES, 'editor', 'none'] as const);
    world.trace.note(`${victim.user} is ${to} in ${id} from now on`);
    directory.rights.set(victim.user, id, to);
    void world.disk.store.changeAccess({ kind: 'document', id }, world.timeline.wall);
    tell(world, directory, id);
  },

  'link-revoked'({ world, directory, id, victim }) {
    const link = victim.linkTo(id);
    if (link === undefined || directory.rights.isDeleted(id)) return;
    world.trace.note(`${link} to ${id} is revoked`);
    directory.rights.set(link, id, 'none');
    void world.disk.store.removeLink(id, link, world.timeline.wall);
    tell(world, directory, id);
  },

  'tokens-voided'({ world, directory, victim }) {
    if (!victim.changeable) return;
    world.trace.note(`the tokens of ${victim.user} are void`);
    const { wall } = world.timeline;
    directory.rights.void(victim.user, wall);
    void world.disk.store.changeAccess({ kind: 'user', id: victim.user }, wall);
    tell(world, directory);
  },

  /** Whoever deletes it does so on a node; where there is one only, nobody else could. */
  deleted({ world, directory, id }) {
    const { dice, timeline, trace, disk, nodes } = world;
    const node = dice.pick(nodes);
    if (directory.rights.isDeleted(id) || !node.up) return;
    trace.note(`${id} is deleted`);
    directory.rights.delete(id);
    disk.remove(id, timeline.wall);
    if (nodes.length === 1 || dice.chance(0.8)) node.tell((documents) => documents.deleted(id));
    timeline.after(dice.spread(100, 15_000), () => restore(world, directory, id));
  },

  'directory-away'({ world: { dice, timeline, trace }, directory: { weather } }) {
    trace.note('nobody can be asked who may do what');
    weather.outage = true;
    timeline.after(dice.spread(50, 10_000), () => {
      weather.outage = false;
    });
  },
};

/** Changes access again and again until nothing breaks any more. */
export function changeAccessSoon(world: World, directory: Directory): void {
  const { dice, timeline } = world;
  const { changeEvery, events } = directory.profile;
  timeline.after(dice.spread(changeEvery / 4, changeEvery * 2), () => {
    if (!world.breaking) return;
    const { person } = dice.pick(world.clients);
    // While the store is away nothing can be changed.
    if (person !== undefined && !world.weather.outage)
      CHANGE[dice.pick(events)]({ world, directory, id: dice.pick(world.documents), victim: person });
    changeAccessSoon(world, directory);
  });
}

/** Nothing changes any more, and everything is there. */
export function endChanges(world: World, directory: Directory): void {
  directory.weather.outage = false;
  for (const id of world.documents) restore(world, directory, id);
}

function restore({ trace, disk }: World, { rights }: Directory, id: DocumentId): void {
  if (!rights.isDeleted(id)) return;
  trace.note(`${id} is restored`);
  rights.restore(id);
  disk.restore(id);
}

/** The node that made the change looks at once, and tells the others, unless it is gone by then. */
function tell({ dice, nodes }: World, { profile }: Directory, id?: DocumentId): void {
  if (dice.chance(profile.hinted)) dice.pick(nodes).tell((documents) => documents.accessChanged(id));
}

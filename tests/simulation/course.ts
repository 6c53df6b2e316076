import { NOTICES_WITHIN } from './faults.js';
import { checkArrival, checkContent, checkPresence } from './outcome.js';
import { SKEW } from './simulated-server.js';
import type { World } from './world.js';

/** What the bus has lost of who is where is told anew within this time, and a little, in milliseconds. */
const PRESENCE_WITHIN = 35_000;
/** How long everything may take to be well again once nothing breaks any more, in milliseconds. */
const HEALS_WITHIN = 180_000;
/** What is known to be saved is with everybody after this, also when the bus has lost it. */
const ARRIVES_WITHIN = 5_000;
/** The same of a bus that loses nothing: before the store is asked. */
const ARRIVES_BY_BUS = 1_200;
/** How long it may take until documents are put away, and nodes are gone, in milliseconds. */
const ENDS_WITHIN = 60_000;
/** Timers that nobody ends once nothing is to be done are over after this, in milliseconds. */
const LAST_TIMERS = 15_000;

/** Lets a world go its way: things break, everything heals, and it is looked at. @throws Error if a promise is broken */
export async function run(world: World): Promise<void> {
  const { profile, timeline } = world;
  world.begin();
  await world.until(profile.duration);
  world.heal();
  const healed = timeline.now;
  await settle(world, 'after the last fault');
  await world.until(timeline.now + profile.unloadAfterMs);
  // Some nodes load the documents just while somebody types.
  const typed = timeline.now + everybodyTypes(world);
  const late = world.nodes.map((node) => world.addClient({ works: false, node }));
  await world.until(typed);
  await settle(world, 'with a late client of each node');
  // Whoever lost the very last frame finds out with the next one.
  if (!profile.faults.includes('lost-frame')) checkArrival(world);
  for (const { desks } of late) for (const desk of desks) desk.insert(0, '.');
  await settle(world, 'after one more edit');
  checkArrival(world);
  // Until then a node may think that somebody is still where he was before.
  if (losesPresence(world)) await world.until(healed + PRESENCE_WITHIN);
  // Whoever was given a wrong token for a new one is out for a moment when the old one ends.
  if (profile.access !== undefined) await world.until(healed + profile.access.tokenLife + SKEW);
  world.calm = true;
  somebodyMoves(world);
  await world.until(timeline.now + Math.max(NOTICES_WITHIN, PRESENCE_WITHIN));
  await checkContent(world);
  checkPresence(world);
  world.calm = false;
  await close(world);
}

async function settle(world: World, when: string): Promise<void> {
  const { clients, nodes, timeline, profile } = world;
  const settled = () =>
    nodes.every(({ up }) => up) && clients.every(({ desks }) => desks.every((desk) => desk.settled));
  if (!(await world.until(timeline.now + HEALS_WITHIN, settled))) {
    const stuck = clients.flatMap(({ desks }) => desks.filter((desk) => !desk.settled));
    const states = stuck.map(
      ({ name, id, provider, mayRead }) =>
        `${name} in ${id} is ${provider.status}, ${provider.unsavedChanges} unsaved${mayRead ? '' : ', and may not be there'}`,
    );
    throw new Error(`stuck ${when}: ${states.join('; ')}`);
  }
  await world.until(timeline.now + (profile.busLoss === 0 ? ARRIVES_BY_BUS : ARRIVES_WITHIN));
}

/** Whether messages about who is where were lost on the way, so that nobody knows until they are told anew. */
function losesPresence({ profile: { nodes, busLoss, faults } }: World): boolean {
  return nodes > 1 && (busLoss > 0 || faults.includes('bus-away') || faults.includes('partition'));
}

/** Everybody types a letter in the next moment. @returns how long that takes, in milliseconds */
function everybodyTypes({ clients, dice, timeline, profile }: World): number {
  const within = 4 * profile.latency + 4 * profile.storeLatency;
  for (const { desks } of clients)
    for (const desk of desks)
      timeline.after(dice.random() * within, () => {
        if (desk.mayWrite) desk.insert(0, ',');
      });
  return within;
}

/** A client notices that its connection is dead, and comes back, long before its node does: nobody sees it leave. */
function somebodyMoves({ clients, dice, profile }: World): void {
  dice.pick(clients).line.wire?.cut({
    clientNoticesAfter: dice.random() * profile.latency,
    serverNoticesAfter: dice.spread(8_000, NOTICES_WITHIN - 8_000),
    upArrives: true,
    downArrives: true,
  });
}

/** Everybody leaves, and nothing stays behind. */
async function close(world: World): Promise<void> {
  const { timeline, nodes, bus, clients } = world;
  for (const client of clients) client.close();
  const open = () => nodes.some(({ openCount }) => openCount > 0);
  await world.until(timeline.now + ENDS_WITHIN, () => !open());
  if (open()) throw new Error('a document without sessions was not put away');
  if (bus.openChannels > 0) throw new Error('a document that was put away still listens to the bus');
  await world.until(timeline.now + LAST_TIMERS);
  for (const node of nodes) node.stop({ idle: true });
  await world.until(timeline.now + ENDS_WITHIN, () => nodes.every(({ gone }) => gone));
}

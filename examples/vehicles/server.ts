import type { Coscribe } from 'coscribe/server';
import { type Repeated, repeat } from '../repeat.js';
import type { Place, Van } from './fleet.js';

const DOCUMENT = 'examples/vehicles';
const EVERY_MS = 200;
/** How far a van gets in that time. */
const STEP = 12;
const DEPOTS: Readonly<Record<string, Place>> = {
  'Van 1': { x: 150, y: 120 },
  'Van 2': { x: 500, y: 300 },
  'Van 3': { x: 850, y: 180 },
  'Van 4': { x: 320, y: 480 },
};

/** Drives the vans where people send them. */
export function serve(coscribe: Coscribe): Repeated {
  return repeat(EVERY_MS, () =>
    coscribe.edit(
      DOCUMENT,
      (doc) => {
        const fleet = doc.getMap<Van>('fleet');
        const orders = doc.getMap<Place>('orders');
        for (const [name, depot] of Object.entries(DEPOTS)) {
          const van = fleet.get(name);
          const order = orders.get(name);
          if (van === undefined) fleet.set(name, { ...depot, heading: 0 });
          else if (order !== undefined && isThere(van, order)) orders.delete(name);
          else if (order !== undefined) fleet.set(name, nearer(van, order));
        }
      },
      { user: 'the dispatcher' },
    ),
  );
}

function isThere(van: Van, { x, y }: Place): boolean {
  return van.x === x && van.y === y;
}

function nearer(van: Van, { x, y }: Place): Van {
  const distance = Math.hypot(x - van.x, y - van.y);
  const heading = Math.round((Math.atan2(y - van.y, x - van.x) * 180) / Math.PI);
  if (distance <= STEP) return { x, y, heading };
  const part = STEP / distance;
  return {
    x: Math.round(van.x + (x - van.x) * part),
    y: Math.round(van.y + (y - van.y) * part),
    heading,
  };
}

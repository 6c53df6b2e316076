import '../page/page.css';
import './style.css';
import { follow, followedDocument, row, showConnection } from '../page/follow.js';
import type { Place, Van } from './fleet.js';

interface Traffic {
  readonly fleet?: Readonly<Record<string, Van>>;
  readonly orders?: Readonly<Record<string, Place>>;
}

const table = document.querySelector('#fleet');

function words(place: Place | undefined): string {
  return place === undefined ? '–' : `${place.x}, ${place.y}`;
}

showConnection(
  follow<Traffic>(followedDocument(), ({ fleet = {}, orders = {} }) =>
    table?.replaceChildren(
      ...Object.entries(fleet).map(([name, van]) => row(name, words(van), words(orders[name]))),
    ),
  ),
);

import { PRESENCE_COLORS, parseName } from '../../shared/presence-user.js';
import type { Random } from '../../shared/time.js';

/** Who somebody is to the others. */
export interface Identity {
  readonly name: string;
  /** `#rrggbb` */
  readonly color: string;
}

/** The part of `localStorage` that is needed; it throws where the browser forbids it. */
export interface KeyValueStore {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

export interface NamedColor {
  readonly label: string;
  readonly color: string;
}

const COLOR_LABELS: readonly string[] =
  'Red Blue Green Violet Orange Teal Pink Cornflower Olive Indigo Ochre Magenta'.split(' ');

/** The colours of people, with words for those who don't see them. */
export const PALETTE: readonly NamedColor[] = PRESENCE_COLORS.map((color, index) => ({
  label: COLOR_LABELS[index] ?? color,
  color,
}));

const NAME_KEY = 'coscribe.name';
const COLOR_KEY = 'coscribe.color';

const ADJECTIVES =
  'Amber Bold Brave Bright Calm Clever Cosy Curious Daring Eager Gentle Golden Happy Humble Jolly Kind Lively Lucky Mellow Merry Nimble Patient Quiet Silver Sunny Swift Tidy Warm Wise Witty'.split(
    ' ',
  );
const ANIMALS =
  'Badger Beaver Crane Deer Dolphin Falcon Finch Fox Gecko Hare Hedgehog Heron Koala Lark Lynx Marten Mole Moose Newt Otter Owl Panda Puffin Raven Robin Seal Sparrow Squirrel Swan Wren'.split(
    ' ',
  );

/** Who this browser said it is; on a first visit a friendly name and a colour, by chance, and kept. */
export function loadIdentity(storage: KeyValueStore | undefined, random: Random): Identity {
  const pick = (list: readonly string[]) => list[Math.floor(random() * list.length)] ?? '';
  const storedColor = read(storage, COLOR_KEY);
  const identity = {
    name: cleanName(read(storage, NAME_KEY) ?? '') ?? `${pick(ADJECTIVES)} ${pick(ANIMALS)}`,
    color: PRESENCE_COLORS.find((color) => color === storedColor) ?? pick(PRESENCE_COLORS),
  };
  saveIdentity(storage, identity);
  return identity;
}

export function saveIdentity(storage: KeyValueStore | undefined, identity: Identity): void {
  try {
    storage?.setItem(NAME_KEY, identity.name);
    storage?.setItem(COLOR_KEY, identity.color);
  } catch {
    // Storage is full or forbidden: the name then lasts as long as the page.
  }
}

/** A name as others see it; `undefined` when nothing visible was typed. */
export function cleanName(raw: string): string | undefined {
  return /[\p{L}\p{N}\p{P}\p{S}]/u.test(raw) ? parseName(raw) : undefined;
}

/** Up to two letters for an avatar: "Quiet Otter" → "QO". */
export function initials(name: string): string {
  const words = name.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word));
  const first = (word: string | undefined) => Array.from(word?.match(/[\p{L}\p{N}]/u)?.[0] ?? '')[0] ?? '';
  const letters = words.length > 1 ? first(words[0]) + first(words.at(-1)) : first(words[0]);
  return letters === '' ? '?' : letters.toUpperCase();
}

function read(storage: KeyValueStore | undefined, key: string): string | undefined {
  try {
    return storage?.getItem(key) ?? undefined;
  } catch {
    return undefined;
  }
}

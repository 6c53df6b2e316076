import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import { documentName, showHeader, somebody } from '../page/page.js';
import { HEIGHT, type Place, type Van, WIDTH } from './fleet.js';

const me = somebody();
const provider = new CoscribeProvider({ document: documentName(), presence: me });
showHeader(provider);
// The server writes where the vans are, people write where they are to go; nobody writes into the other's map.
const fleet = provider.doc.getMap<Van>('fleet');
const orders = provider.doc.getMap<Place & { readonly by: string }>('orders');

const plane = document.querySelector<SVGSVGElement>('#plane');
const list = document.querySelector<HTMLElement>('#fleet');
if (plane === null || list === null) throw new Error('the page is not complete');
const SVG = 'http://www.w3.org/2000/svg';
const vans = new Map<string, { readonly shape: SVGGElement; readonly entry: HTMLButtonElement }>();
let chosen: string | undefined;

function vanOf(name: string): NonNullable<ReturnType<typeof vans.get>> {
  const known = vans.get(name);
  if (known !== undefined) return known;
  const shape = document.createElementNS(SVG, 'g');
  shape.classList.add('van');
  shape.innerHTML = '<rect x="-16" y="-9" width="32" height="18" rx="4"/><path d="M8 -6 L14 0 L8 6 Z"/>';
  shape.addEventListener('click', (event) => {
    event.stopPropagation();
    choose(name);
  });
  const entry = document.createElement('button');
  entry.addEventListener('click', () => choose(name));
  const item = document.createElement('li');
  item.append(entry);
  plane?.append(shape);
  list?.append(item);
  const van = { shape, entry };
  vans.set(name, van);
  return van;
}

function choose(name: string): void {
  chosen = name;
  show();
}

function show(): void {
  for (const [name, { x, y, heading }] of fleet) {
    const { shape, entry } = vanOf(name);
    shape.style.transform = `translate(${x}px, ${y}px) rotate(${heading}deg)`;
    shape.classList.toggle('chosen', name === chosen);
    const order = orders.get(name);
    const goal = order === undefined ? 'waits' : `goes to ${order.x}, ${order.y} for ${order.by}`;
    const words = `${name} ${goal}`;
    if (entry.textContent !== words) entry.textContent = words;
    entry.setAttribute('aria-pressed', String(name === chosen));
  }
}

function send(name: string, { x, y }: Place): void {
  const within = (value: number, most: number): number =>
    Math.round(Math.min(most - 20, Math.max(20, value)));
  orders.set(name, { x: within(x, WIDTH), y: within(y, HEIGHT), by: me.name });
}

plane.addEventListener('click', ({ clientX, clientY }) => {
  const { left, top, width, height } = plane.getBoundingClientRect();
  const place = { x: ((clientX - left) / width) * WIDTH, y: ((clientY - top) / height) * HEIGHT };
  if (chosen !== undefined) send(chosen, place);
});
const STEPS: Record<string, readonly [number, number]> = {
  ArrowLeft: [-100, 0],
  ArrowRight: [100, 0],
  ArrowUp: [0, -100],
  ArrowDown: [0, 100],
};
addEventListener('keydown', (event) => {
  const van = chosen === undefined ? undefined : fleet.get(chosen);
  const step = STEPS[event.key];
  if (chosen === undefined || van === undefined || step === undefined) return;
  event.preventDefault();
  send(chosen, { x: van.x + step[0], y: van.y + step[1] });
});
provider.doc.on('update', show);

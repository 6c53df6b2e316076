import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import { documentName, showHeader, somebody } from '../page/page.js';
import { type Alarm, SAMPLES, type Vitals } from './patient.js';

const me = somebody();
const provider = new CoscribeProvider({ document: documentName(), presence: me });
showHeader(provider);
const curve = provider.doc.getArray<number>('curve');
const vitals = provider.doc.getMap<Vitals>('vitals');
const alarms = provider.doc.getMap<Alarm>('alarms');

const canvas = document.querySelector<HTMLCanvasElement>('#curve');
const figures = document.querySelector<HTMLElement>('#vitals');
const list = document.querySelector<HTMLElement>('#alarms');
const pen = canvas?.getContext('2d');
if (!canvas || !pen || figures === null || list === null) throw new Error('the page is not complete');

curve.observe(() => {
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  pen.beginPath();
  curve.forEach((value, at) => {
    pen.lineTo((at / SAMPLES) * width, height * (0.6 - value / 2));
  });
  pen.strokeStyle = '#4cd07d';
  pen.lineWidth = 2;
  pen.stroke();
});

vitals.observe(() => {
  const now = vitals.get('now');
  if (now === undefined) return;
  const told = { Pulse: `${now.pulse} / min`, Oxygen: `${now.oxygen} %` };
  figures.replaceChildren(
    ...Object.entries(told).flatMap(([what, value]) => [element('dt', what), element('dd', value)]),
  );
});

alarms.observe(() => {
  const newestFirst = [...alarms].sort(([, one], [, other]) => other.at - one.at);
  list.replaceChildren(
    ...newestFirst.map(([id, alarm]) => {
      const item = element('li', `${new Date(alarm.at).toLocaleTimeString()}: ${alarm.words} `);
      if (alarm.by !== undefined) item.append(element('b', `${alarm.by} is on it`));
      else {
        const take = element('button', 'I’m on it');
        // If two take it on at once, one of them counts, and both are shown who.
        take.addEventListener('click', () => alarms.set(id, { ...alarm, by: me.name }));
        item.append(take);
      }
      return item;
    }),
  );
});

function element(name: string, words: string): HTMLElement {
  const made = document.createElement(name);
  made.textContent = words;
  return made;
}

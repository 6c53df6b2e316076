import '../page/page.css';
import './style.css';
import { follow, followedDocument, row, showConnection } from '../page/follow.js';
import { SAMPLES, type Vitals } from './patient.js';

interface Bedside {
  readonly curve?: readonly number[];
  readonly vitals?: { readonly now?: Vitals };
}

const canvas = document.querySelector<HTMLCanvasElement>('#curve');
const table = document.querySelector('#vitals');

showConnection(
  follow<Bedside>(followedDocument(), ({ curve = [], vitals }) => {
    draw(curve);
    if (vitals?.now === undefined) return;
    const { pulse, oxygen } = vitals.now;
    table?.replaceChildren(row('Pulse', `${pulse} / min`), row('Oxygen', `${oxygen} %`));
  }),
);

function draw(curve: readonly number[]): void {
  const pen = canvas?.getContext('2d');
  if (!canvas || !pen) return;
  const { width, height } = canvas;
  pen.clearRect(0, 0, width, height);
  pen.beginPath();
  for (const [at, value] of curve.entries()) pen.lineTo((at / SAMPLES) * width, height * (0.6 - value / 2));
  pen.strokeStyle = '#4cd07d';
  pen.lineWidth = 2;
  pen.stroke();
}

/**
 * What the tests of remote carets run inside their page: one field of any markup, and people who point into its text.
 */
import { Awareness, applyAwarenessUpdate, encodeAwarenessUpdate } from 'y-protocols/awareness';
import * as Y from 'yjs';
import { FrameTask } from '../../../client/frame-task.js';
import { fieldBoxes, mirrorStyles } from '../../../client/mirror-styles.js';
import {
  type RemoteCarets,
  type RemoteCaretsOptions,
  showRemoteCarets,
} from '../../../client/remote-carets.js';
import { bindTextarea, type TextareaBinding } from '../../../client/textarea-binding.js';

export interface ScenePerson {
  readonly name?: string;
  readonly color?: string;
  readonly anchor: number;
  readonly head: number;
}

/** In pixels of the window. */
export interface SceneBox {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/** Something for most properties. */
const VALUES = [
  ...['2px', '1.5', '3', '700', '50%', '2em', '-3px', '"x"', 'red', 'auto', 'none', 'normal', 'all', 'both'],
  ...['always', 'left', 'right', 'center', 'justify', 'start', 'end', 'first', 'last', 'over', 'under'],
  ...[
    'italic',
    'bold',
    'condensed',
    'expanded',
    'monospace',
    'small-caps',
    'uppercase',
    'capitalize',
    'filled dot',
  ],
  ...[
    'rtl',
    'vertical-rl',
    'sideways',
    'upright',
    'mixed',
    'preserve',
    'collapse',
    'break-spaces',
    'nowrap',
    'pre',
  ],
  ...[
    'balance',
    'pretty',
    'stable',
    'wrap',
    'anywhere',
    'break-all',
    'break-word',
    'keep-all',
    'strict',
    'loose',
  ],
  ...[
    'manual',
    'no-autospace',
    'trim-start',
    'space-all',
    'trim-both',
    'cap alphabetic',
    'text',
    'emoji',
    'unicode',
  ],
  ...[
    'oldstyle-nums',
    'no-common-ligatures',
    'sub',
    'ruby',
    'full-width',
    'historical-forms',
    'optimizeSpeed',
  ],
  ...[
    'geometricPrecision',
    'inter-character',
    'each-line',
    'hanging',
    'disc',
    'circle',
    'hidden',
    'dark',
    'exact',
  ],
  ...[
    'antialiased',
    'stroke',
    'evenodd',
    'spell-out',
    'allow-keywords',
    'numeric-only',
    'from-font',
    'light',
    'slice',
  ],
];

class Scene {
  field!: HTMLTextAreaElement | HTMLInputElement;
  text = new Y.Doc().getText('text');
  awareness = new Awareness(new Y.Doc());
  binding: TextareaBinding | undefined;
  carets: RemoteCarets | undefined;
  #people: Awareness[] = [];

  /** Puts markup into the page, and other markup into its frames; the field is `#field`, wherever it is. */
  async set(html: string, text: string, options: RemoteCaretsOptions = {}, inFrames = ''): Promise<void> {
    this.end();
    document.body.innerHTML = html;
    for (const { contentDocument } of document.querySelectorAll('iframe')) {
      if (contentDocument !== null) contentDocument.body.innerHTML = inFrames;
    }
    for (const template of document.querySelectorAll<HTMLTemplateElement>('template[data-shadow]')) {
      template.parentElement?.attachShadow({ mode: 'open' }).append(template.content);
    }
    for (const dialog of document.querySelectorAll('dialog')) dialog.showModal();
    this.field = this.#find(document) ?? fail('no field');
    const doc = new Y.Doc();
    this.text = doc.getText('text');
    this.text.insert(0, text);
    this.awareness = new Awareness(doc);
    this.binding = bindTextarea(this.field, this.text, { awareness: this.awareness });
    this.carets = showRemoteCarets(this.field, this.text, this.awareness, options);
    await this.frames();
  }

  end(): void {
    this.carets?.destroy();
    this.binding?.destroy();
    this.awareness.destroy();
    for (const person of this.#people) person.destroy();
    this.#people = [];
  }

  /** These people are there, and nobody else. */
  async point(people: readonly ScenePerson[]): Promise<void> {
    while (this.#people.length < people.length) this.#people.push(new Awareness(new Y.Doc()));
    this.#people.forEach((awareness, at) => {
      const person = people[at];
      awareness.setLocalState(
        person === undefined
          ? null
          : {
              user: { name: person.name ?? `Person ${at}`, color: person.color ?? '#d52394' },
              cursor: { anchor: this.#place(person.anchor), head: this.#place(person.head) },
            },
      );
      applyAwarenessUpdate(
        this.awareness,
        encodeAwarenessUpdate(awareness, [awareness.clientID]),
        'somebody',
      );
    });
    await this.frames();
  }

  /** Draws a caret, and destroys it, so many times. */
  async showAgain(times: number): Promise<void> {
    await this.point([{ anchor: 0, head: 5 }]);
    this.carets?.destroy();
    for (let time = 0; time < times; time++) {
      const carets = showRemoteCarets(this.field, this.text, this.awareness);
      // Frames are drawn for some of them only: it would take a quarter of a minute.
      if (time % 20 === 0) await this.frames();
      carets.destroy();
    }
    await this.frames();
  }

  /** The element in which carets are drawn, if there are any. */
  get host(): Element | null {
    return this.field.ownerDocument.querySelector('[data-coscribe-carets]');
  }

  drawn() {
    const view = this.field.ownerDocument.defaultView ?? window;
    const host = this.host;
    const all = (person: Element, part: string): SceneBox[] =>
      Array.from(person.querySelectorAll(part), (element) => box(element.getBoundingClientRect()));
    return Array.from(host?.shadowRoot?.querySelectorAll('.person') ?? [], (person) => ({
      caret: all(person, '.caret'),
      flag: all(person, '.flag'),
      selection: all(person, '.selection'),
      shown: person.hasAttribute('data-shown'),
      opacity: Number(view.getComputedStyle(person.querySelector('.flag') ?? person).opacity),
    }));
  }

  /** All that a field inherits and the library does not take over, each with some values other than the first one. */
  inheritedAndLeft(): { name: string; values: string[] }[] {
    const computed = getComputedStyle(this.field);
    const rect = this.field.getBoundingClientRect();
    const copied = mirrorStyles(this.field, computed, fieldBoxes(this.field, computed, rect).content);
    const [parent, child] = [document.createElement('div'), document.createElement('div')];
    parent.append(child);
    document.body.append(parent);
    const found = [...computed].flatMap((name) => {
      if (copied.has(name)) return [];
      child.style.cssText = `${name}: initial`;
      const first = getComputedStyle(child).getPropertyValue(name);
      child.style.cssText = `${name}: unset`;
      const values = VALUES.filter((value) => {
        parent.style.cssText = `${name}: ${value}`;
        const wanted = getComputedStyle(parent).getPropertyValue(name);
        return wanted !== first && getComputedStyle(child).getPropertyValue(name) === wanted;
      });
      return values.length > 0 ? [{ name, values }] : [];
    });
    parent.remove();
    return found;
  }

  /** Compares what is magenta in two pictures (PNG, base64). */
  async compare(first: string, second: string) {
    const [{ mask: drawn }, { mask: own, width }] = await Promise.all([magenta(first), magenta(second)]);
    let [area, rim, beyond] = [0, 0, 0];
    for (const [at, is] of own.entries()) {
      area += is;
      if (is === drawn[at]) continue;
      const near = [at - 1, at + 1, at - width, at + width];
      // Within a pixel of where the other one has it.
      if (near.some((place) => own[place] !== is || drawn[place] !== drawn[at])) rim++;
      else beyond++;
    }
    return { area, rim, beyond };
  }

  /** The first column of a picture with something magenta in it. */
  async leftmost(picture: string): Promise<number | undefined> {
    const { mask, width } = await magenta(picture);
    const columns = Array.from(mask, (is, at) => (is === 1 ? at % width : width));
    const left = columns.reduce((least, column) => Math.min(least, column), width);
    return left === width ? undefined : left;
  }

  async frames(): Promise<void> {
    const view = this.field.ownerDocument.defaultView ?? window;
    await new Promise<void>((resolve) => new FrameTask({ view, phase: 'draw' }, resolve).request());
    await new Promise((resolve) => view.requestAnimationFrame(resolve));
  }

  #place(index: number): unknown {
    return Y.relativePositionToJSON(Y.createRelativePositionFromTypeIndex(this.text, index));
  }

  #find(root: ParentNode): HTMLTextAreaElement | undefined {
    for (const element of root.querySelectorAll<HTMLElement>('*')) {
      if (element.id === 'field') return element as HTMLTextAreaElement;
      const inner = element.shadowRoot ?? (element as HTMLIFrameElement).contentDocument;
      const found = inner ? this.#find(inner) : undefined;
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

async function magenta(png: string): Promise<{ mask: Uint8Array; width: number }> {
  const bytes = Uint8Array.from(atob(png), (sign) => sign.charCodeAt(0));
  const { width, height, ...rest } = await decode(bytes);
  const { data } = rest.context.getImageData(0, 0, width, height);
  const mask = new Uint8Array(width * height);
  for (let at = 0; at < mask.length; at++)
    mask[at] = (data[4 * at + 1] ?? 0) < 128 && (data[4 * at] ?? 0) > 200 ? 1 : 0;
  return { mask, width };
}

async function decode(png: Uint8Array<ArrayBuffer>) {
  const bitmap = await createImageBitmap(new Blob([png], { type: 'image/png' }));
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext('2d') ?? fail('no canvas');
  context.drawImage(bitmap, 0, 0);
  return { context, width, height };
}

function box({ left, top, width, height }: DOMRect): SceneBox {
  return { left, top, width, height };
}

function fail(reason: string): never {
  throw new Error(reason);
}

declare global {
  interface Window {
    scene: Scene;
  }
}

window.scene = new Scene();

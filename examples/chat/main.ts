import './style.css';
import { CoscribeProvider } from 'coscribe/client';
import { parsePresence } from 'coscribe/shared';
import { documentName, showHeader, somebody } from '../page/page.js';

interface Message {
  readonly name: string;
  readonly words: string;
  /** Milliseconds since the Unix epoch, by the clock of whoever wrote it: for people, not for the order. */
  readonly at: number;
}

const me = somebody();
const provider = new CoscribeProvider({ document: documentName(), presence: me });
showHeader(provider);
const messages = provider.doc.getArray<Message>('messages');

const list = document.querySelector<HTMLElement>('#messages');
const typing = document.querySelector<HTMLElement>('#typing');
const form = document.querySelector<HTMLFormElement>('#say');
const words = document.querySelector<HTMLInputElement>('#words');
if (list === null || typing === null || form === null || words === null)
  throw new Error('the page is not complete');

messages.observe((event) => {
  // What comes together is shown together, in its place: somebody who was offline may have written long before.
  let at = 0;
  for (const { retain = 0, delete: gone = 0, insert } of event.delta) {
    at += retain;
    for (let n = 0; n < gone; n++) list.children[at]?.remove();
    const items = Array.isArray(insert) ? (insert as Message[]).map(shown) : [];
    const before = list.children[at] ?? null;
    for (const item of items) list.insertBefore(item, before);
    at += items.length;
  }
  list.lastElementChild?.scrollIntoView({ block: 'nearest' });
});

function shown({ name, words: said, at }: Message): HTMLElement {
  const item = document.createElement('li');
  const who = document.createElement('b');
  who.textContent = name;
  const when = document.createElement('time');
  when.dateTime = new Date(at).toISOString();
  when.textContent = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
  const text = document.createElement('p');
  text.textContent = said;
  item.append(who, ' ', when, text);
  return item;
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const said = words.value.trim();
  if (said !== '') messages.push([{ name: me.name, words: said, at: Date.now() }]);
  form.reset();
  sayThatTyping();
});
words.addEventListener('input', sayThatTyping);

function sayThatTyping(): void {
  provider.awareness.setLocalStateField('typing', words?.value !== '');
}

provider.awareness.on('change', () => {
  const others = [...provider.awareness.getStates()].filter(([id]) => id !== provider.doc.clientID);
  const names = others.flatMap(([id, state]) => {
    const user = state.typing === true ? parsePresence(state, id)?.user : undefined;
    return user === undefined ? [] : [user.name];
  });
  typing.textContent =
    names.length === 0 ? '' : `${names.join(', ')} ${names.length > 1 ? 'are' : 'is'} typing…`;
});

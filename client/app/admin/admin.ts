/**
 * The operators' page. Everything that changes by itself comes in one stream, an overview a second; nothing is asked while nobody looks.
 *
 *   OverviewStream ─▶ overview ─▶ history, roll call, refusals ─▶ what is shown
 *   address (#/…)  ─▶ the cluster, or the facts of a document
 */
import type { AdminOverview } from '../../../shared/admin.js';
import { systemClock } from '../../../shared/time.js';
import { need } from '../dom.js';
import { bindThemeButton } from '../theme.js';
import { AdminApi } from './admin-api.js';
import { ClusterView } from './cluster-view.js';
import { DocumentPanel } from './document-panel.js';
import { bindMessages } from './messages.js';
import { OperatorToken } from './operator-token.js';
import { OverviewStream, type StreamState } from './overview-stream.js';
import { type Route, routeOf } from './route.js';
import { SignInForm } from './sign-in-form.js';
import { StatusLine } from './status-line.js';

const token = new OperatorToken();
const api = new AdminApi(() => token.value);
const messages = bindMessages();
const status = new StatusLine();
const cluster = new ClusterView(api, messages);
const panel = new DocumentPanel(api, messages);
const stream = new OverviewStream({
  open: (signal) => api.events(signal),
  clock: systemClock(),
  random: Math.random,
  onOverview: show,
  onState: setState,
});
const signIn = new SignInForm(token, () => stream.start());
bindThemeButton(need('theme', HTMLButtonElement));

function show(overview: AdminOverview): void {
  status.show(overview, cluster.show(overview));
}

function setState(state: StreamState): void {
  document.body.dataset.stream = state.kind;
  signIn.show(state);
  status.setState(state);
  if (state.kind === 'live') panel.read();
  if (state.kind === 'lost' && state.error?.code === 'shutting-down') cluster.leaves();
}

function goTo(next: Route | undefined, isFirst = false): void {
  // A place on the page.
  if (next === undefined) return;
  document.body.dataset.view = next.view;
  messages.clear();
  panel.open(next.view === 'document' ? next.id : undefined);
  document.title = next.view === 'document' ? `${next.id} – Coscribe operations` : 'Coscribe operations';
  // Whoever followed a link goes on reading there.
  if (!isFirst) need(`${next.view}-title`, HTMLElement).focus();
}

addEventListener('hashchange', () => goTo(routeOf(location.hash)));
document.addEventListener('visibilitychange', () => {
  if (document.hidden) stream.stop();
  else {
    stream.start();
    panel.read();
  }
});
goTo(routeOf(location.hash) ?? { view: 'cluster' }, true);
if (!document.hidden) stream.start();

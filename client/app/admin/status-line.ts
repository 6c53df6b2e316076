import type { AdminOverview } from '../../../shared/admin.js';
import { need } from '../dom.js';
import type { ClusterState } from './cluster-state.js';
import { countOf, timeOfDay } from './format.js';
import { setText } from './keyed-rows.js';
import type { StreamState } from './overview-stream.js';

/** The sentence at the top: how the cluster is, or that nothing is known of it at the moment, and since when. */
export class StatusLine {
  private readonly sentence = need('status', HTMLElement);
  private readonly time = need('status-time', HTMLElement);
  private last: { readonly overview: AdminOverview; readonly state: ClusterState } | undefined;

  show(overview: AdminOverview, state: ClusterState): void {
    this.last = { overview, state };
    this.say(state.severity, state.sentence);
    setText(this.time, `${countOf(overview.nodes.length, 'node')}, ${timeOfDay(overview.at)}`);
  }

  setState(state: StreamState): void {
    switch (state.kind) {
      case 'connecting':
        if (this.last === undefined) this.say('off', 'Connecting…');
        return;
      case 'live':
        if (this.last !== undefined) this.say(this.last.state.severity, this.last.state.sentence);
        return;
      case 'lost':
        this.say('bad', this.lostSentence(state.error?.message));
        return;
      case 'refused':
        this.last = undefined;
        this.say('off', 'Only operators see how the nodes are.');
        setText(this.time, '');
        return;
      case 'paused':
        return;
    }
  }

  private lostSentence(why: string | undefined): string {
    const from = this.last === undefined ? '' : ` Figures from ${timeOfDay(this.last.overview.at)}.`;
    return why === undefined
      ? `Connection lost, trying again.${from}`
      : `Connection lost, trying again.${from} ${why}`;
  }

  private say(severity: string, sentence: string): void {
    this.sentence.dataset.severity = severity;
    setText(this.sentence, sentence);
  }
}

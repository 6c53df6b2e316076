import type { Random } from '../../../shared/time.js';
import { readTrace } from '../../../tools/replay/trace.js';
import type { TypingPlan } from '../../plan.js';
import { PROSE } from '../text/prose.js';
import { recordingOf } from '../text/recorded-text.js';
import { WrittenText } from '../text/written-text.js';
import { KeysTyping, scaleOf } from './keys.js';
import { ReplayTyping } from './replay.js';
import { SteadyTyping } from './steady.js';
import type { TypingModel } from './typing-model.js';

/** What everybody writes, and how: one model for each person. */
export interface Typewriter {
  readonly text: WrittenText;
  model(random: Random): TypingModel;
}

/** @throws TraceError if the recording cannot be played */
export async function typewriterFor(plan: TypingPlan): Promise<Typewriter> {
  if (plan.model === 'trace') {
    const { text, edits } = recordingOf(await readTrace(plan.trace ?? ''));
    return { text, model: (random) => new ReplayTyping(edits, { ...plan, random }) };
  }
  const text = new WrittenText(PROSE, true);
  if (plan.model === 'steady') return { text, model: (random) => new SteadyTyping({ ...plan, random }) };
  const scale = scaleOf(text, plan.charactersPerSecond);
  return { text, model: (random) => new KeysTyping({ ...plan, text, random }, scale) };
}

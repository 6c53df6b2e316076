import type { Clock, Timer } from '../../shared/time.js';
import { seededRandom } from '../../tools/seeded-random.js';
import type { Checked, DocumentTruth, Problem, Sample } from '../messages.js';
import type { GeneratorPlan } from '../plan.js';
import { Check } from './check/check.js';
import { Counts } from './counts.js';
import type { Surroundings } from './people/client.js';
import { Comings } from './people/comings.js';
import { Crowd } from './people/crowd.js';
import { addressOf } from './people/target.js';
import { Problems } from './problems.js';
import { PROTOCOLS } from './protocols.js';
import { Sampler } from './sampler.js';
import { truthOf } from './truth.js';
import type { Typewriter } from './typing/models.js';
import { Pulse } from './typing/pulse.js';
import { LoadDocument } from './view/load-document.js';

const STEP_MS = 25;
const LOOK_EVERY_MS = 200;
/** If nobody at all gets in, for so long; and if the last ones don't. In milliseconds. */
const FIRST_IN_MS = 5_000;
const STUCK_MS = 30_000;
/** Where nothing is acknowledged: so long without anything coming everything has come. */
const QUIET_MS = 1_500;

/** What one process does from beginning to end. */
export class Run {
  readonly #clock: Clock;
  readonly #counts = new Counts();
  readonly #problems = new Problems();
  readonly #documents: readonly LoadDocument[];
  readonly #surroundings: Surroundings;
  readonly #pulse: Pulse;
  readonly #crowd: Crowd;
  readonly #comings: Comings;
  readonly #sampler: Sampler;
  #step: Timer;
  #lookedAt = 0;

  /** @throws Error if a target's address is none */
  constructor(plan: GeneratorPlan, typewriter: Typewriter, clock: Clock, sample: (sample: Sample) => void) {
    const protocol = PROTOCOLS[plan.protocol];
    const text = typewriter.text;
    const random = seededRandom(plan.seed);
    this.#clock = clock;
    this.#documents = plan.documents.map(
      (document) => new LoadDocument({ plan: document, seed: plan.seed, text, problems: this.#problems }),
    );
    this.#surroundings = {
      protocol,
      targets: plan.targets.map(addressOf),
      token: plan.token,
      clock,
      random,
      counts: this.#counts,
      presence: plan.presencePerSecond > 0 || protocol.renewsAwareness === true,
    };
    this.#pulse = new Pulse(clock);
    this.#crowd = new Crowd({
      plan,
      documents: this.#documents,
      typewriter,
      pulse: this.#pulse,
      surroundings: this.#surroundings,
    });
    const now = clock.monotonic();
    this.#comings = new Comings(this.#crowd, plan, protocol, random, now);
    this.#sampler = new Sampler(clock, this.#counts, this.#crowd, sample);
    this.#step = clock.schedule(0, this.#stepOn);
  }

  get crowd(): Crowd {
    return this.#crowd;
  }

  /** Fulfils when everybody is in. @throws Error with a sentence if nobody gets in, or the last ones don't */
  async arrive(): Promise<void> {
    const startedAt = this.#clock.monotonic();
    let most = 0;
    let moreAt = startedAt;
    for (;;) {
      const { seats } = this.#crowd;
      const came = this.#crowd.count(({ client }) => client.everIn);
      if (came === seats.length) return;
      const now = this.#clock.monotonic();
      if (came > most || !this.#comings.complete) moreAt = now;
      most = came;
      const denied = seats.find(({ client }) => client.denied !== undefined)?.client.denied;
      const nobody = came === 0 && now - startedAt > FIRST_IN_MS && this.#counts.lastError !== undefined;
      if ((came === 0 && denied !== undefined) || nobody || now - moreAt > STUCK_MS)
        throw new Error(this.#whyNot(came, denied));
      await this.#pause();
    }
  }

  /** What happens from now on is told apart from what has happened until now. */
  sample(): void {
    this.#sampler.take();
  }

  /**
   * Nobody types any more. Fulfils when everything that was typed is acknowledged, or nothing comes any longer, or the time is
   * up; by then samples have told all of it.
   */
  async settle(timeoutMs: number): Promise<DocumentTruth[]> {
    this.#sampler.take();
    this.#crowd.stopTyping();
    this.#pulse.stop();
    this.#comings.stop();
    const startedAt = this.#clock.monotonic();
    let { activity } = this.#counts;
    let activeAt = startedAt;
    for (;;) {
      const now = this.#clock.monotonic();
      if (this.#counts.activity !== activity) activeAt = now;
      activity = this.#counts.activity;
      const { acknowledges } = this.#surroundings.protocol;
      const open = this.#crowd.count(({ client }) => !isDone(client));
      if (open === 0 && (acknowledges || now - activeAt > QUIET_MS)) break;
      if (now - startedAt > timeoutMs) break;
      await this.#pause();
    }
    this.#sampler.take();
    return truthOf(this.#documents);
  }

  /** See `Check`. */
  async check(
    truth: readonly DocumentTruth[],
    timeoutMs: number,
  ): Promise<{ problems: Problem[]; checked: Checked }> {
    const check = new Check(this.#crowd, this.#documents, this.#surroundings, truth);
    const checked = await check.run(timeoutMs);
    return { problems: this.#problems.list(), checked };
  }

  /** Everybody goes. */
  end(): void {
    this.#clock.cancel(this.#step);
    this.#pulse.stop();
    this.#sampler.stop();
    this.#crowd.close();
  }

  readonly #stepOn = (): void => {
    const now = this.#clock.monotonic();
    this.#comings.step(now);
    if (now - this.#lookedAt > LOOK_EVERY_MS) {
      this.#lookedAt = now;
      this.#crowd.look(now);
    }
    this.#step = this.#clock.schedule(STEP_MS, this.#stepOn);
  };

  #pause(): Promise<void> {
    return new Promise((resolve) => this.#clock.schedule(STEP_MS, resolve));
  }

  #whyNot(came: number, denied: string | undefined): string {
    const { seats } = this.#crowd;
    const urls = this.#surroundings.targets.map(({ url }) => url).join(', ');
    const who = came === 0 ? 'Nobody' : `Only ${came} of ${seats.length} clients`;
    return `${who} got into a document at ${urls}: ${denied ?? this.#counts.lastError ?? 'no answer'}.`;
  }
}

function isDone({ outgoing, silenced, denied, isIn }: Crowd['clients'][number]): boolean {
  if (denied !== undefined) return true;
  return isIn && (silenced || outgoing === undefined || outgoing.done);
}

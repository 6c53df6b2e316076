import { UsageError } from '../../tools/usage-error.js';

/** What an objective may be about. `both`: the slower one of acknowledgement and arrival. */
export type Measure = 'ack' | 'shown' | 'both' | 'join' | 'errors';

/** A line that is not to be crossed: `p99<250ms`, `ack-p99.9<1s`, `errors<1%`. */
export interface Objective {
  /** As it was written. */
  readonly text: string;
  readonly measure: Measure;
  /** Which quantile, 0 to 1; 1 is the slowest of all. Without meaning for errors. */
  readonly share: number;
  /** Milliseconds, or for errors a share of what was typed; what is found must be below it. */
  readonly below: number;
}

/** What an objective is held against. */
export interface Findings {
  /** Milliseconds; `null` where more than the rest never came, or nothing is known. */
  quantile(measure: 'ack' | 'shown' | 'join', share: number): number | null;
  readonly typed: number;
  readonly errors: number;
  /** `false` for protocols whose servers do not say when an edit is safe. */
  readonly acknowledges: boolean;
}

const FORM = /^(?:(ack|shown|join)-)?(?:p(\d{1,2}(?:\.\d+)?)|(max))<(\d+(?:\.\d+)?)(ms|s)$/;
const ERRORS_FORM = /^errors<(\d+(?:\.\d+)?)%$/;

/** @throws UsageError that says what to write */
export function readObjective(flag: string, text: string): Objective {
  const plain = text.replaceAll(/\s/g, '');
  const errors = ERRORS_FORM.exec(plain);
  if (errors !== null) return { text: plain, measure: 'errors', share: 1, below: Number(errors[1]) / 100 };
  const match = FORM.exec(plain);
  const share = match?.[3] === undefined ? Number(match?.[2]) / 100 : 1;
  if (match === null || !(share > 0))
    throw new UsageError(
      `${flag} is an objective such as "p99<250ms", "ack-p99<100ms", "shown-p95<1s", "join-max<5s" or "errors<1%", not "${text}".`,
    );
  const [, measure = 'both', , , amount, unit] = match;
  return {
    text: plain,
    measure: measure as Measure,
    share,
    below: Number(amount) * (unit === 's' ? 1_000 : 1),
  };
}

/** What was found: milliseconds or a share of errors; `null` if it is slower than anything that came, or nothing came. */
export function findingOf({ measure, share }: Objective, findings: Findings): number | null {
  if (measure === 'errors') return findings.typed === 0 ? null : findings.errors / findings.typed;
  if (measure !== 'both') return findings.quantile(measure, share);
  const shown = findings.quantile('shown', share);
  if (!findings.acknowledges) return shown;
  const ack = findings.quantile('ack', share);
  // Whoever is alone in his document is shown to nobody.
  if (shown === null || ack === null) return findings.quantile('shown', 0) === null ? ack : null;
  return Math.max(ack, shown);
}

/** Whether what was found is below the line. What never came is not. */
export function holds(objective: Objective, found: number | null): boolean {
  return found !== null && found < objective.below;
}

/** Where the CPU of a run went, and how punctual the generator was. */
export interface Loads {
  /** Share of its core that the server used, 0 to 1. */
  readonly serverShare: number;
  /** Share of its core that the generator needed, without the turns in which it had nothing to do. */
  readonly generatorShare: number;
  /** How much later than it was due a character was sent: 99 % were sent within this time, in milliseconds. */
  readonly slipP99: number | null;
  /** What others have taken of the two cores, 0 to 1, if that is known. */
  readonly others?: { readonly server: number; readonly generator: number };
}

export interface Verdict {
  readonly saturated: boolean;
  /** The generator, not the server, may have made the figures what they are. */
  readonly generatorBound: boolean;
  readonly why?: string;
  /** What else the machine was doing, if it was enough to spoil the figures. */
  readonly disturbed?: string;
}

const SATURATED = 0.95;
const GENERATOR_BUSY = 0.9;
const MAX_SLIP_MS = 10;
const DISTURBED = 0.05;

export function judge({ serverShare, generatorShare, slipP99, others }: Loads): Verdict {
  const saturated = serverShare >= SATURATED;
  const limits = { saturated, ...generatorLimit(saturated, generatorShare, slipP99) };
  if (others === undefined || Math.max(others.server, others.generator) < DISTURBED) return limits;
  const disturbed =
    `others used ${Math.round(others.server * 100)} % of the server's core ` +
    `and ${Math.round(others.generator * 100)} % of the generator's`;
  return { ...limits, disturbed };
}

function generatorLimit(
  saturated: boolean,
  generatorShare: number,
  slipP99: number | null,
): Pick<Verdict, 'generatorBound' | 'why'> {
  if (generatorShare > GENERATOR_BUSY) {
    return {
      generatorBound: true,
      why: `the generator used ${Math.round(generatorShare * 100)} % of its core`,
    };
  }
  if (!saturated && slipP99 !== null && slipP99 > MAX_SLIP_MS) {
    return {
      generatorBound: true,
      why: `the generator sent up to ${slipP99.toFixed(1)} ms late (p99) while the server had time to spare`,
    };
  }
  return { generatorBound: false };
}

import type { RunContext } from '../scenarios/scenario.js';
import { writeLongText } from './documents/long-text.js';
import type { Pace, Seat } from './fleet.js';
import { Sitting } from './sitting.js';

export interface MemoryOptions {
  /** Clients of the first reading, after which the server has warmed up; and how many come then. */
  readonly first: number;
  readonly more: number;
  /** How long nothing happens before each reading, and how long the server gets to store what was written. */
  readonly quietMs: number;
  readonly storedAfterMs: number;
}

/** What a session and an open document take. Sizes in bytes. */
export type MemoryFigures = Awaited<ReturnType<typeof measureMemory>>;

/** A state of 2 kB: some sixty pieces. */
const SMALL_TEXT = { characters: 1_400, insertion: 40, deletion: 10 };
const PACE: Pace = { perSecond: 5_000, atOnce: 100, timeoutMs: 60_000 };
const CROWDED = 'crowd';

/** @throws Error if clients do not get in */
export async function measureMemory(context: RunContext, options: MemoryOptions) {
  const { first, more } = options;
  const { server, process, random } = context;
  const sessions = await growth(
    context,
    Array.from({ length: first + more }, (_, number) => ({ number, document: CROWDED })),
    options,
    undefined,
  );
  if (server.protocol.relay === true) return { sessionBytes: sessions.each, sessions, documents: null };
  const content = writeLongText(SMALL_TEXT, random).state;
  const seats = Array.from({ length: first + more }, (_, number): Seat => {
    return { number, document: `small-${number}`, catchUp: true };
  });
  await process.stop();
  await process.start();
  if (server.durable) await writeAll(context, seats, content, options.storedAfterMs);
  const documents = await growth(context, seats, options, server.durable ? undefined : content);
  return {
    sessionBytes: sessions.each,
    /** With its one session. */
    openBytes: documents.each,
    documentBytes: documents.each - sessions.each,
    contentBytes: content.length,
    sessions,
    documents,
  };
}

/** How much the server grows by each of the seats after the first ones. @param content what each writes, unless it is there */
async function growth(
  context: RunContext,
  seats: readonly Seat[],
  { first, quietMs }: MemoryOptions,
  content: Uint8Array | undefined,
) {
  const sitting = new Sitting(context);
  const residents: number[] = [];
  let serverShare = 0;
  try {
    for (const coming of [seats.slice(0, first), seats.slice(first)]) {
      const { problem } = await sitting.enter(coming, PACE);
      if (problem !== undefined) throw new Error(problem);
      if (content !== undefined) sitting.say(content, coming.length);
      const quiet = await sitting.quiet(quietMs);
      residents.push(quiet.resident);
      serverShare = quiet.serverShare;
    }
    const [problem] = Object.keys(sitting.failures);
    if (problem !== undefined) throw new Error(problem);
    const [before = 0, after = 0] = residents;
    return { each: (after - before) / (seats.length - first), before, after, serverShare };
  } finally {
    await sitting.leave();
  }
}

/** Writes the documents, and starts the server again, so that it has them from its store. */
async function writeAll(
  context: RunContext,
  seats: readonly Seat[],
  content: Uint8Array,
  storedAfterMs: number,
): Promise<void> {
  const sitting = new Sitting(context);
  try {
    const { problem } = await sitting.enter(seats, PACE);
    if (problem !== undefined) throw new Error(problem);
    sitting.say(content, seats.length);
    await sitting.quiet(storedAfterMs);
    const [failure] = Object.keys(sitting.failures);
    if (failure !== undefined) throw new Error(failure);
  } finally {
    await sitting.leave();
  }
  await context.process.stop();
  await context.process.start();
}

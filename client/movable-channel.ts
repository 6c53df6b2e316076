import type { WireError } from '../shared/errors.js';
import type { JoinRequest } from '../shared/protocol.js';
import { backoff, type Clock, type Random, type Timer } from '../shared/time.js';
import type { Channel, ChannelEvents } from './channel.js';
import type { TokenSource } from './token-source.js';

/** Pauses between attempts to get another line. The one in use works meanwhile, and goes in seconds. */
const TRY_BASE_MS = 200;
const TRY_MAX_MS = 1_500;
/** Whatever a server says, nobody waits longer for a change. */
const MOVE_WITHIN_MS = 60_000;
/**
 * How long the old line stays after a change. Others hear over the new one that its owner is still there, and only then
 * over the old one that he has left it: whose caret is older does not count.
 */
const LINGER_MS = 1_000;

/** A second line to the server, over which nobody has joined yet. */
export interface SecondLine {
  join(request: JoinRequest, answer: (reply: unknown) => void): void;
  /** From here on this is the line in use. */
  use(): void;
  /** Nothing comes of it; there will be another attempt soon, unless the line in use is closed before. */
  giveUp(): void;
}

export interface MovableChannelEvents extends Omit<ChannelEvents, 'move'> {
  /** There is a second line, to another server perhaps, while the first works on. */
  secondLine(line: SecondLine): void;
}

export interface MovableChannelOptions {
  /** Makes a line to the server. */
  readonly connect: (events: ChannelEvents) => Channel;
  readonly events: MovableChannelEvents;
  /** Each attempt gets a token of its own. */
  readonly tokens: TokenSource;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * A channel that changes over to another server when its own will stop: it makes a second line before it breaks the
 * first. Whoever uses it joins over the second one, and is live all the time. An attempt for which there is no token
 * counts as one that was lost.
 */
export class MovableChannel implements Channel {
  readonly #options: MovableChannelOptions;
  #inUse: Channel;
  #second: Channel | undefined;
  /** The line in use before; nothing that it brings counts any more. */
  #former: Channel | undefined;
  #formerTimer: Timer | undefined;
  /** Of the next attempt to get a second line. */
  #timer: Timer | undefined;
  #attempts = 0;
  /** Takes back the question for the token of an attempt; there is one attempt at a time. */
  #askNoMore = (): void => {};

  constructor(options: MovableChannelOptions) {
    this.#options = options;
    this.#inUse = this.#newLine();
  }

  open(): void {
    this.#openLine(this.#inUse, (error) => {
      this.#options.events.messageRefused(error);
      this.#options.events.closed();
    });
  }

  close(): void {
    this.#stay();
    this.#letGo();
    this.#inUse.close();
  }

  destroy(): void {
    this.#stay();
    this.#letGo();
    this.#inUse.destroy();
  }

  join(...message: Parameters<Channel['join']>): void {
    this.#inUse.join(...message);
  }

  update(...message: Parameters<Channel['update']>): void {
    this.#inUse.update(...message);
  }

  awareness(update: Uint8Array): void {
    this.#inUse.awareness(update);
  }

  token(...message: Parameters<Channel['token']>): void {
    this.#inUse.token(...message);
  }

  diverged(...message: Parameters<Channel['diverged']>): void {
    this.#inUse.diverged(...message);
  }

  #openLine(line: Channel, failed: (error: WireError) => void): void {
    this.#askNoMore();
    this.#askNoMore = this.#options.tokens.ask((answer) => {
      if (answer.ok) line.open(answer.token);
      else failed(answer.error);
    });
  }

  #newLine(): Channel {
    const { events } = this.#options;
    type Tell<Args extends unknown[]> = (...args: Args) => void;
    const inUse =
      <Args extends unknown[]>(tell: Tell<Args>): Tell<Args> =>
      (...args) => {
        if (line === this.#inUse) tell(...args);
      };
    const ends =
      <Args extends unknown[]>(tell: Tell<Args>): Tell<Args> =>
      (...args) => {
        if (line === this.#second) this.#tryAgain();
        else inUse(tell)(...args);
      };
    const line: Channel = this.#options.connect({
      opened: () => {
        if (line === this.#second) this.#offer(line);
        else if (line === this.#inUse) events.opened();
      },
      closed: ends(events.closed),
      refused: ends(events.refused),
      bye: ends(events.bye),
      move: ends((afterMs) => this.#move(afterMs)),
      reachable: inUse(events.reachable),
      updates: inUse(events.updates),
      awareness: inUse(events.awareness),
      resync: inUse(events.resync),
      saving: inUse(events.saving),
      access: inUse(events.access),
      renew: inUse(events.renew),
      check: inUse(events.check),
      messageRefused: inUse(events.messageRefused),
    });
    return line;
  }

  #move(afterMs: number): void {
    if (this.#second !== undefined || this.#timer !== undefined) return;
    this.#attempts = 0;
    this.#trySoon(Math.min(Math.max(0, afterMs), MOVE_WITHIN_MS));
  }

  #trySoon(delay: number): void {
    this.#timer = this.#options.clock.schedule(delay, () => {
      this.#timer = undefined;
      this.#second = this.#newLine();
      this.#openLine(this.#second, () => this.#tryAgain());
    });
  }

  #offer(line: Channel): void {
    // The line may be lost, and another one tried, before its answer comes.
    const ifStill = (run: () => void): void => {
      if (line === this.#second) run();
    };
    this.#options.events.secondLine({
      join: (request, answer) => line.join(request, (reply) => ifStill(() => answer(reply))),
      use: () => ifStill(() => this.#changeTo(line)),
      giveUp: () => ifStill(() => this.#tryAgain()),
    });
  }

  #tryAgain(): void {
    this.#second?.destroy();
    this.#second = undefined;
    this.#trySoon(backoff(this.#attempts++, TRY_BASE_MS, TRY_MAX_MS, this.#options.random));
  }

  #changeTo(line: Channel): void {
    this.#letGo();
    this.#former = this.#inUse;
    this.#formerTimer = this.#options.clock.schedule(LINGER_MS, () => this.#letGo());
    this.#inUse = line;
    this.#second = undefined;
  }

  /** Ends what was begun in order to change over. */
  #stay(): void {
    this.#askNoMore();
    if (this.#timer !== undefined) this.#options.clock.cancel(this.#timer);
    this.#timer = undefined;
    this.#second?.destroy();
    this.#second = undefined;
  }

  #letGo(): void {
    if (this.#formerTimer !== undefined) this.#options.clock.cancel(this.#formerTimer);
    this.#formerTimer = undefined;
    this.#former?.destroy();
    this.#former = undefined;
  }
}

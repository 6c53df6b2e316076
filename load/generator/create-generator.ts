import { type Clock, systemClock } from '../../shared/time.js';
import type { Command, Generator, Report } from '../messages.js';
import { Run } from './run.js';
import { typewriterFor } from './typing/models.js';

/** A generator inside this process. */
export function createGenerator(clock: Clock = systemClock()): Generator {
  return new OwnGenerator(clock);
}

class OwnGenerator implements Generator {
  readonly #clock: Clock;
  #report: (report: Report) => void = () => {};
  #ended: (reason: string) => void = () => {};
  #run: Run | undefined;
  #active: number | undefined;
  #over = false;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  listen(report: (report: Report) => void, ended: (reason: string) => void): void {
    this.#report = report;
    this.#ended = ended;
  }

  send(command: Command): void {
    this.#carryOut(command).catch((error: unknown) => {
      const message = error instanceof Error ? error.message : String(error);
      this.#tell({ kind: 'failed', message });
    });
  }

  kill(): void {
    this.#end('killed');
  }

  async #carryOut(command: Command): Promise<void> {
    if (command.kind === 'begin') {
      const { plan } = command;
      const typewriter = await typewriterFor(plan.typing);
      if (this.#over) return;
      this.#run = new Run(plan, typewriter, this.#clock, (sample) => this.#tell({ kind: 'sample', sample }));
      if (this.#active !== undefined) this.#run.crowd.active = this.#active;
      await this.#run.arrive();
      this.#tell({ kind: 'arrived' });
    } else if (command.kind === 'typists') {
      this.#active = command.active;
      if (this.#run !== undefined) this.#run.crowd.active = command.active;
    } else if (command.kind === 'sample') {
      this.#run?.sample();
    } else if (command.kind === 'settle') {
      const truth = await this.#begun().settle(command.timeoutMs);
      this.#tell({ kind: 'settled', truth });
    } else if (command.kind === 'check') {
      const { problems, checked } = await this.#begun().check(command.truth, command.timeoutMs);
      this.#tell({ kind: 'checked', problems, checked });
    } else {
      this.#end('ended as it was told');
    }
  }

  #begun(): Run {
    if (this.#run === undefined) throw new Error('the generator has not begun');
    return this.#run;
  }

  #tell(report: Report): void {
    if (!this.#over) this.#report(report);
  }

  #end(reason: string): void {
    if (this.#over) return;
    this.#run?.end();
    this.#over = true;
    this.#ended(reason);
  }
}

import { CoscribeProvider } from '../../client/provider.js';
import type { ProviderOptions } from '../../client/provider-options.js';
import { type Clock, systemClock } from '../../shared/time.js';

/** The providers of one test. */
export class Clients {
  private readonly all: CoscribeProvider[] = [];

  connect(url: string, options: Partial<ProviderOptions> = {}): CoscribeProvider {
    const provider = new CoscribeProvider({ url, document: 'acme/notes', ...options });
    this.all.push(provider);
    return provider;
  }

  destroy(): void {
    for (const provider of this.all) provider.destroy();
  }
}

export function textOf({ doc }: CoscribeProvider): string {
  return doc.getText('text').toString();
}

export function type({ doc }: CoscribeProvider, words: string): void {
  const text = doc.getText('text');
  text.insert(text.length, words);
}

/** The system's clock for somebody whose time goes `factor` times faster; keeps the delays that were asked for. */
export class FastClock implements Clock {
  /** In milliseconds of the fast time. */
  readonly delays: number[] = [];
  private readonly system = systemClock({ unref: true });

  constructor(private readonly factor: number) {}

  monotonic(): number {
    return this.system.monotonic() * this.factor;
  }

  wall(): number {
    return this.system.wall() * this.factor;
  }

  schedule(delay: number, run: () => void): ReturnType<Clock['schedule']> {
    this.delays.push(delay);
    return this.system.schedule(delay / this.factor, run);
  }

  cancel(timer: Parameters<Clock['cancel']>[0]): void {
    this.system.cancel(timer);
  }
}

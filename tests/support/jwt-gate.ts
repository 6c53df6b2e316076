import { type JwtOptions, jwtAuthenticator } from '../../server/auth/jwt-authenticator.js';
import type { JwtIdentity } from '../../server/auth/jwt-claims.js';
import { CoscribeError } from '../../shared/errors.js';
import { collectLog } from './collect-log.js';
import { SECRET } from './jwt-issuer.js';
import { ManualClock } from './manual-clock.js';

/** A server that takes tokens signed by HS256 with `SECRET`, for anybody. */
export const BARE: JwtOptions = {
  jwtAlgorithm: 'HS256',
  jwtKey: SECRET,
  jwtJwksUrl: '',
  jwtIssuer: '',
  jwtAudience: '',
};

/** Where somebody shows a token. */
export interface Shown {
  readonly token?: string;
  readonly headers?: Record<string, string>;
}

/** The authenticator with a clock and a log of its own. */
export class JwtGate {
  readonly clock = new ManualClock();
  readonly log = collectLog();

  /** The time, as claims count it. */
  get seconds(): number {
    return this.clock.wall() / 1000;
  }

  /** What a token needs, and `more`. */
  claims(more: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
    return { sub: 'ann', exp: this.seconds + 600, ...more };
  }

  /** Lets somebody in who shows a token, alone or among other things. */
  async authenticate(options: Partial<JwtOptions>, shown: string | Shown): Promise<JwtIdentity> {
    const authenticator = await jwtAuthenticator({ ...BARE, ...options }, this);
    const credentials = typeof shown === 'string' ? { token: shown } : shown;
    return authenticator.authenticate({ headers: {}, address: '127.0.0.1', ...credentials });
  }

  /** The refusal, as `code: detail`; `let in` if there is none. */
  async refusal(options: Partial<JwtOptions>, shown: string | Shown): Promise<string> {
    try {
      await this.authenticate(options, shown);
    } catch (error) {
      if (!(error instanceof CoscribeError)) throw error;
      return `${error.code}: ${/\((.*)\)$/s.exec(error.message)?.[1] ?? ''}`;
    }
    return 'let in';
  }
}

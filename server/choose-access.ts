import type { Clock } from '../shared/time.js';
import type { AccessControl, Authenticator } from './auth/access.js';
import { GuardedAccess } from './auth/guarded-access.js';
import { jwtAuthenticator } from './auth/jwt-authenticator.js';
import { linksOnly } from './auth/links-only.js';
import { openAccess } from './auth/open-access.js';
import { OperatorAccess, readOperatorToken } from './auth/operator-token.js';
import { exposureProblem } from './config/check-config.js';
import { type Config, ConfigError } from './config/load-config.js';
import type { AccessStore } from './storage/access-store.js';
import type { DocumentStore } from './storage/store.js';
import type { Log } from './telemetry/log.js';

interface AccessChoice {
  readonly config: Config;
  /** Of the application, if it brings one: it counts, whatever the settings say. */
  readonly authenticator: Authenticator | undefined;
  readonly store: AccessStore & Pick<DocumentStore, 'find'>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Who lets people in, as the settings say.
 *
 * @throws ConfigError when everybody would be let in from everywhere, or a key is of no use
 */
export async function chooseAccess(choice: AccessChoice): Promise<AccessControl> {
  const { operatorToken } = choice.config;
  const access = await chooseMode(choice);
  return operatorToken === '' ? access : new OperatorAccess(access, readOperatorToken(operatorToken));
}

/** @throws ConfigError as `chooseAccess` */
async function chooseMode(choice: AccessChoice): Promise<AccessControl> {
  const { config, store, clock, log, authenticator } = choice;
  const guarded = { store, clock, log };
  if (authenticator !== undefined) return new GuardedAccess({ ...guarded, mode: 'tokens', authenticator });
  switch (config.auth) {
    case 'jwt':
      return new GuardedAccess({
        ...guarded,
        mode: 'tokens',
        authenticator: await jwtAuthenticator(config, { clock, log }),
      });
    case 'links':
      return new GuardedAccess({ ...guarded, mode: 'links', authenticator: linksOnly });
    case 'open': {
      const problem = exposureProblem(config);
      if (problem !== undefined) throw new ConfigError([problem]);
      return openAccess;
    }
  }
}

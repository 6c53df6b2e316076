import { isLoopback } from './addresses.js';
import { type Config, OPTIONS } from './options.js';

/** Bursts, each with the rate that it must not be below. */
const BURSTS = [
  ['updateBurst', 'maxUpdatesPerSecond'],
  ['bytesBurst', 'maxBytesPerSecond'],
  ['awarenessBurst', 'maxAwarenessPerSecond'],
  ['joinBurst', 'maxJoinsPerSecond'],
  ['requestBurst', 'maxRequestsPerSecond'],
] as const;

type Key = keyof Config;
type Amount = { [K in Key]: Config[K] extends number ? K : never }[Key];

/** Something that settings are together, and should not be. */
interface Finding {
  readonly about: readonly Key[];
  readonly problem: string;
}

/**
 * What is wrong with settings that make sense one by one, but not together, in whole sentences.
 *
 * @param unread options that have no value, because it could not be read: nothing is said about these
 */
export function crossChecks(config: Config, unread: ReadonlySet<Key>): string[] {
  const findings = [
    atMost(config, 'maxUpdateBytes', 'maxDocumentBytes'),
    atMost(config, 'maxUpdateBytes', 'maxPendingBytes', ', or some updates could never be saved'),
    atMost(config, 'maxUpdateBytes', 'bytesBurst', ', or some updates could never be sent'),
    atMost(config, 'drainDelayMs', 'stopTimeoutMs', ', which counts from the signal on'),
    ...BURSTS.map(([burst, rate]) => atMost(config, rate, burst)),
    ...(config.auth === 'jwt' ? jwtFindings(config) : [unusedJwt(config)]),
    tlsFinding(config),
    originsFinding(config),
    webhookFinding(config),
  ];
  return findings
    .filter((finding) => finding !== undefined)
    .filter(({ about }) => !about.some((key) => unread.has(key)))
    .map(({ problem }) => problem);
}

/**
 * Why a server that lets everybody in must not listen where it is told to; `undefined` if it may. Not to be asked when an
 * application brings an authenticator of its own.
 */
export function exposureProblem(config: Pick<Config, 'auth' | 'host' | 'openToAll'>): string | undefined {
  if (config.auth !== 'open' || config.openToAll === 'yes' || isLoopback(config.host)) return undefined;
  const { auth, host, openToAll } = OPTIONS;
  return (
    `With ${auth.env}=open everybody who reaches ${config.host} (${host.env}) could read, change and delete every document: ` +
    `set ${auth.env} to links or jwt, leave ${host.env} at ${host.default}, or, if that is what you want, set ${openToAll.env}=yes.`
  );
}

function atMost(config: Config, less: Amount, more: Amount, why = ''): Finding | undefined {
  if (config[less] <= config[more]) return undefined;
  const problem = `${OPTIONS[less].env} (${config[less]}) must not exceed ${OPTIONS[more].env} (${config[more]})${why}.`;
  return { about: [less, more], problem };
}

const JWT_KEYS = ['jwtAlgorithm', 'jwtKey', 'jwtJwksUrl', 'jwtIssuer', 'jwtAudience'] as const;

/** Whoever sets a key wants tokens to be checked, and might not notice that nobody needs one. */
function unusedJwt(config: Config): Finding | undefined {
  const unused = JWT_KEYS.filter((key) => config[key] !== '').map((key) => OPTIONS[key].env);
  if (unused.length === 0) return undefined;
  const means = unused.length === 1 ? 'means' : 'mean';
  const problem = `${unused.join(', ')} ${means} something with ${OPTIONS.auth.env}=jwt only, and it is "${config.auth}".`;
  return { about: ['auth', ...JWT_KEYS], problem };
}

function jwtFindings(config: Config): (Finding | undefined)[] {
  const { auth, jwtAlgorithm, jwtKey, jwtJwksUrl } = OPTIONS;
  const hasKey = config.jwtKey !== '';
  const hasUrl = config.jwtJwksUrl !== '';
  return [
    config.jwtAlgorithm !== ''
      ? undefined
      : {
          about: ['jwtAlgorithm'],
          problem: `${auth.env}=jwt needs ${jwtAlgorithm.env}: how tokens are signed.`,
        },
    hasKey || hasUrl
      ? undefined
      : {
          about: ['jwtKey', 'jwtJwksUrl'],
          problem: `${auth.env}=jwt needs ${jwtKey.env} or ${jwtJwksUrl.env}: what tokens are checked with.`,
        },
    hasKey && hasUrl
      ? {
          about: ['jwtKey', 'jwtJwksUrl'],
          problem: `${jwtKey.env} and ${jwtJwksUrl.env} exclude each other; set one of them.`,
        }
      : undefined,
    config.jwtAlgorithm === 'HS256' && hasUrl
      ? {
          about: ['jwtAlgorithm', 'jwtJwksUrl'],
          problem: `${jwtAlgorithm.env}=HS256 needs ${jwtKey.env}: a secret is not to be had from ${jwtJwksUrl.env}.`,
        }
      : undefined,
  ];
}

function tlsFinding({ tlsCert, tlsKey }: Config): Finding | undefined {
  if ((tlsCert === '') === (tlsKey === '')) return undefined;
  const { tlsCert: cert, tlsKey: key } = OPTIONS;
  const [there, missing] = tlsCert === '' ? [key, cert] : [cert, key];
  return { about: ['tlsCert', 'tlsKey'], problem: `${there.env} needs ${missing.env} beside it.` };
}

function webhookFinding({ webhookUrl, webhookSecret }: Config): Finding | undefined {
  if ((webhookUrl === '') === (webhookSecret.length === 0)) return undefined;
  const { webhookUrl: url, webhookSecret: secret } = OPTIONS;
  const [there, missing] = webhookUrl === '' ? [secret, url] : [url, secret];
  return {
    about: ['webhookUrl', 'webhookSecret'],
    problem: `${there.env} needs ${missing.env} beside it.`,
  };
}

function originsFinding({ allowedOrigins }: Config): Finding | undefined {
  if (allowedOrigins.length < 2 || !allowedOrigins.includes('*')) return undefined;
  const problem = `${OPTIONS.allowedOrigins.env} is either "*" or a list of origins, not both.`;
  return { about: ['allowedOrigins'], problem };
}

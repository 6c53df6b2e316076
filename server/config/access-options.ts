import { JWT_ALGORITHMS, type JwtAlgorithm } from '../auth/jwt-algorithms.js';
import { readAddressRange, readOrigin } from './addresses.js';
import { integer, list, oneOf, text } from './option.js';

export const AUTH_MODES = ['open', 'links', 'jwt'] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

const isFileName = (raw: string): boolean => !raw.includes('\0');
const isLine = (raw: string): boolean => !/\p{Cc}/u.test(raw);

/** Who is let in, and from where. */
export const ACCESS_OPTIONS = {
  auth: oneOf<AuthMode>('MODE', AUTH_MODES, {
    env: 'COSCRIBE_AUTH',
    flag: 'auth',
    default: 'open',
    sentence:
      'Who is let in: open (everybody, into everything), links (by share links), jwt (by tokens, too).',
  }),
  openToAll: oneOf<'yes' | 'no'>('CHOICE', ['yes', 'no'], {
    env: 'COSCRIBE_OPEN_TO_ALL',
    flag: 'open-to-all',
    default: 'no',
    sentence: 'With yes, --auth open may listen for other machines, which everybody on them can then use.',
  }),
  jwtAlgorithm: oneOf<JwtAlgorithm | ''>('ALGORITHM', JWT_ALGORITHMS, {
    env: 'COSCRIBE_JWT_ALGORITHM',
    flag: 'jwt-algorithm',
    default: '',
    sentence: `The one way in which tokens are signed: ${JWT_ALGORITHMS.join(', ')}.`,
  }),
  jwtKey: text(
    'KEY',
    (raw) => raw.trim() !== '' && raw !== 'file:',
    'must be a key, or "file:" and a file name',
    {
      env: 'COSCRIBE_JWT_KEY',
      flag: 'jwt-key',
      default: '',
      secret: true,
      sentence:
        'Key that tokens are checked with: a secret (HS256), a public key as PEM or JWK, or file:PATH.',
    },
  ),
  jwtJwksUrl: text(
    'URL',
    isJwksUrl,
    'must be an address that begins with "https://" or "http://" and holds no password',
    {
      env: 'COSCRIBE_JWT_JWKS_URL',
      flag: 'jwt-jwks-url',
      default: '',
      secret: true,
      sentence: 'Address of the public keys that tokens are checked with (a JWK Set), instead of a key.',
    },
  ),
  jwtIssuer: text('ISSUER', isLine, 'must be one line', {
    env: 'COSCRIBE_JWT_ISSUER',
    flag: 'jwt-issuer',
    default: '',
    sentence: 'Who must have made a token ("iss"); anybody who has the key, if this is not set.',
  }),
  jwtAudience: text('AUDIENCE', isLine, 'must be one line', {
    env: 'COSCRIBE_JWT_AUDIENCE',
    flag: 'jwt-audience',
    default: '',
    sentence: 'Whom a token must be made for ("aud"); should be set if the same key signs for other servers.',
  }),
  operatorToken: text(
    'SECRET',
    (raw) => (raw.startsWith('file:') ? raw !== 'file:' : /^[!-~]{16,1024}$/.test(raw)),
    'must have 16 to 1024 visible ASCII characters, or be "file:" and a file name',
    {
      env: 'COSCRIBE_OPERATOR_TOKEN',
      flag: 'operator-token',
      default: '',
      secret: true,
      sentence:
        'Whoever brings this as his token is an operator: /admin, /api/admin, /metrics; 16 characters, or file:PATH.',
    },
  ),
  allowedOrigins: list(
    'ORIGINS',
    readOrigin,
    'must be "*", or origins such as "https://www.example.com" with commas between them',
    {
      env: 'COSCRIBE_ALLOWED_ORIGINS',
      flag: 'allowed-origins',
      default: [],
      sentence: 'Other origins whose pages may use this server, with commas between them; * allows all.',
    },
  ),
  trustedProxies: list(
    'ADDRESSES',
    readAddressRange,
    'must be addresses or ranges such as "10.0.0.0/8" with commas between them',
    {
      env: 'COSCRIBE_TRUSTED_PROXIES',
      flag: 'trusted-proxies',
      default: [],
      sentence: 'Proxies whose X-Forwarded headers are believed: addresses or CIDR ranges, with commas.',
    },
  ),
  tlsCert: text('FILE', isFileName, 'must be a file name', {
    env: 'COSCRIBE_TLS_CERT',
    flag: 'tls-cert',
    default: '',
    sentence: 'PEM file with the certificate and its chain; with --tls-key the server speaks HTTPS itself.',
  }),
  tlsKey: text('FILE', isFileName, 'must be a file name', {
    env: 'COSCRIBE_TLS_KEY',
    flag: 'tls-key',
    default: '',
    sentence: 'PEM file with the private key of the certificate.',
  }),
  handshakeTimeoutMs: integer('MS', {
    env: 'COSCRIBE_HANDSHAKE_TIMEOUT_MS',
    flag: 'handshake-timeout-ms',
    default: 10_000,
    min: 100,
    max: 600_000,
    sentence: 'How long a connection may take to get ready: TLS, headers, first message, in milliseconds.',
  }),
  joinTimeoutMs: integer('MS', {
    env: 'COSCRIBE_JOIN_TIMEOUT_MS',
    flag: 'join-timeout-ms',
    default: 30_000,
    min: 100,
    max: 600_000,
    sentence: 'How long a connection may stay that joins no document, in milliseconds.',
  }),
} as const;

function isJwksUrl(raw: string): boolean {
  if (!/^https?:\/\/[^\s/]/i.test(raw) || !URL.canParse(raw)) return false;
  const { username, password } = new URL(raw);
  return username === '' && password === '';
}

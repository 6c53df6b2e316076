import type { PostgresAddress } from './postgres-address.js';
import { sqlState } from './postgres-errors.js';
import { SCHEMA } from './postgres-schema.js';
import { StoreOpenError } from './store-open-error.js';

type Sentence = (user: string) => string;

const AGAIN = 'Check that it runs and that COSCRIBE_STORE names it, then start again.';

/** What the operator is told about the database, by PostgreSQL's code or that of the network. */
const SENTENCES: Readonly<Record<string, Sentence>> = {
  '28P01': (user) =>
    `refused the password of the user "${user}". Correct it in COSCRIBE_STORE; special characters have to be percent-encoded.`,
  '28000': (user) =>
    `does not let the user "${user}" in. Create the user, or allow it from this machine in pg_hba.conf.`,
  '3D000': () => 'does not exist. Create it with: CREATE DATABASE name',
  '42501': (user) =>
    `does not let the user "${user}" create or use the schema "${SCHEMA}". Run: GRANT CREATE ON DATABASE name TO "${user}"; a schema that is there has to be the user's own.`,
  '53300': () => 'has as many connections as it takes. Raise max_connections; a node of Coscribe needs 8.',
  '55P03': () => 'is being migrated by another node. Start again when that one is ready.',
  '57P03': () => 'is in a PostgreSQL that is starting or stopping. Start again when it is ready.',
  ECONNREFUSED: () => `does not answer: nothing listens there. ${AGAIN}`,
  ENOTFOUND: () => `cannot be found: the name of the machine is unknown. Correct it in COSCRIBE_STORE.`,
};

/** What is wrong when the database cannot be opened, and what to do. */
export function openError(thrown: unknown, { place, user }: PostgresAddress): StoreOpenError {
  // What `pg` says where there is none.
  if (messageOf(thrown).includes('password must be a string'))
    return sentenceAbout(
      place,
      `asks for a password for the user "${user}", and none is given. Put it into the address, or into PGPASSWORD.`,
    );
  const sentence = SENTENCES[sqlState(thrown) ?? networkCode(thrown) ?? ''];
  return sentenceAbout(place, sentence?.(user) ?? `cannot be opened (${messageOf(thrown)}). ${AGAIN}`);
}

export function sentenceAbout(place: string, predicate: string): StoreOpenError {
  return new StoreOpenError(`${place.charAt(0).toUpperCase()}${place.slice(1)} ${predicate}`);
}

/** Of a host with several addresses Node throws several errors in one. */
function networkCode(thrown: unknown): string | undefined {
  if (typeof thrown !== 'object' || thrown === null) return undefined;
  return 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;
}

function messageOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null || !('message' in thrown)) return String(thrown);
  return String(thrown.message).replace(/\.$/, '');
}

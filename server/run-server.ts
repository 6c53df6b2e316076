import { BusOpenError } from './cluster/bus-open-error.js';
import { helpText } from './config/describe-options.js';
import { findInstallation } from './config/installation.js';
import { ConfigError, type Environment, informationAsked, loadConfig } from './config/load-config.js';
import { TlsError } from './edge/tls-error.js';
import { startServer } from './server.js';
import { StoreOpenError } from './storage/store-open-error.js';
import { createLog } from './telemetry/pino-log.js';

/** Codes of an address or a port that this process may not have, or that does not exist. */
const NO_ADDRESS = new Set(['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN']);

/** What is told as it is: its message is a sentence for whoever starts the server. */
const OWN_ERRORS = [ConfigError, StoreOpenError, BusOpenError, TlsError];

/**
 * Serves until this process gets SIGTERM or SIGINT; a second one ends it at once.
 *
 * @param argv the flags: `--port`, `9000`
 * @returns the exit code: 0 stopped in order, 1 stopped with something unfinished or forced, 2 could not start, which is told
 *   on standard error
 */
export async function runServer(argv: readonly string[], env: Environment): Promise<number> {
  try {
    return await run(argv, env);
  } catch (error) {
    process.stderr.write(`${startProblem(error)}\n`);
    return 2;
  }
}

async function run(argv: readonly string[], env: Environment): Promise<number> {
  const { version } = findInstallation();
  const asked = informationAsked(argv);
  if (asked !== undefined) {
    process.stdout.write(asked === 'version' ? `${version}\n` : `${helpText()}\n`);
    return 0;
  }
  const config = loadConfig(argv, env);
  const log = createLog({ level: config.logLevel });
  const server = await startServer({ config, log });
  return new Promise((resolve) => {
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) {
        log.warn({ signal }, 'Stopped at once, as asked a second time');
        process.exit(1);
      }
      stopping = true;
      log.info({ signal }, 'Stopping: saving what is under way; a second signal stops at once');
      server.stop().then(
        (inTime) => {
          if (inTime) log.info({}, 'Stopped, everything is saved');
          else log.error({}, 'Stopped after the time limit; edits that were not saved stay with the clients');
          resolve(inTime ? 0 : 1);
        },
        (error: unknown) => {
          log.error({ err: error }, 'The stop failed');
          resolve(1);
        },
      );
    };
    if (config.tlsCert !== '' || config.webhookUrl !== '')
      process.on('SIGHUP', () => {
        server.reloadCertificate();
        server.retryWebhooks();
      });
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    // Whoever waits for this line may ask for the end right after it.
    log.info({ url: server.url, store: server.store, version }, `Coscribe is ready at ${server.url}`);
  });
}

/** What keeps the server from starting, for the person who starts it. */
function startProblem(error: unknown): string {
  if (OWN_ERRORS.some((kind) => error instanceof kind) && error instanceof Error)
    return `Coscribe can't start: ${error.message}`;
  if (!(error instanceof Error)) return `Coscribe can't start: ${String(error)}`;
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE')
    return `Coscribe can't start: the port is taken; choose another one with --port. (${error.message})`;
  if (code !== undefined && NO_ADDRESS.has(code)) {
    return `Coscribe can't start: it may not listen there; check --host and --port. (${error.message})`;
  }
  return `Coscribe can't start: ${error.stack ?? error.message}`;
}

export type { Access, Authenticator, Credentials, Identity } from './auth/access.js';
export { type Config, ConfigError, loadConfig } from './config/load-config.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
export { openStore } from './storage/open-store.js';
export type { DocumentStore } from './storage/store.js';
export { StoreOpenError } from './storage/store-open-error.js';
export type { Log } from './telemetry/log.js';
export { createLog } from './telemetry/pino-log.js';

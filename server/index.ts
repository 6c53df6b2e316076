export type { Access, Authenticator, Credentials, Identity } from './auth/access.js';
export { type Config, ConfigError, type Environment, loadConfig } from './config/load-config.js';
export {
  type AttachOptions,
  type Coscribe,
  type CoscribeOptions,
  createCoscribe,
  type Immediate,
} from './coscribe.js';
export type { EditOptions, ReadOptions } from './documents/server-edits.js';
export type {
  CommitEvent,
  CommittedEdit,
  Hooks,
  JoinEvent,
  LeaveEvent,
  LoadEvent,
  Seed,
  StatelessAnswer,
  StatelessEvent,
} from './hooks/hooks.js';
export type { NodeOptions } from './node.js';
export { type RunningServer, type ServerOptions, startServer } from './server.js';
export type { AccessChange, AccessStore, AccessSubject, StoredLink } from './storage/access-store.js';
export type {
  ClaimOutcome,
  Delivery,
  DeliveryLease,
  DeliveryStore,
  DueDocument,
  DuePage,
  DuePlace,
  HookRecord,
  LifeEvent,
  LifeKind,
  LifeOutcome,
  LifeStore,
  ToldDelivery,
  WantedDelivery,
} from './storage/delivery-store.js';
export { openStore } from './storage/open-store.js';
export type { NewReceipt, Receipt, ReceiptStore } from './storage/receipts.js';
export type {
  AppendBatch,
  AppendGuard,
  AppendRefusal,
  AppendResult,
  DocumentHead,
  DocumentPosition,
  DocumentStore,
  DocumentSummary,
  FoundDocument,
  ListOrder,
  ListPlace,
  ListQuery,
  LogEnd,
  LogRow,
  NewLogRow,
  Snapshot,
} from './storage/store.js';
export { StoreOpenError } from './storage/store-open-error.js';
export type { Log, LogFields } from './telemetry/log.js';
export { createLog, type LogOptions } from './telemetry/pino-log.js';
export type {
  DocumentChanged,
  DocumentEvent,
  DocumentLife,
  DocumentMoved,
  WebhookEvent,
} from './webhooks/event.js';
export type { WebhookEventType } from './webhooks/hook-forms.js';
export type { WebhookOptions } from './webhooks/hook-settings.js';
export { verifyWebhook, type WebhookHeaders, WebhookVerificationError } from './webhooks/verify-webhook.js';

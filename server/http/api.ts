import type { Hono } from 'hono';
import type { ApiDeps } from './api-deps.js';
import { addArchives } from './archive/add-archives.js';
import type { HttpEnv } from './call.js';
import { Content } from './content.js';
import { addEarlierNames } from './earlier-names.js';
import { addEdge } from './edge-steps.js';
import { addEvents } from './events/add-events.js';
import { addDescription } from './openapi/add-description.js';
import { addAdmin } from './routes/admin.js';
import { addAdminEvents } from './routes/admin-events.js';
import { addDocuments } from './routes/documents.js';
import { addExports } from './routes/exports.js';
import { addJson } from './routes/json.js';
import { addLinks } from './routes/links.js';
import { addState } from './routes/state.js';
import { addText } from './routes/text.js';

/** Adds everything under `/api/`; docs/PROTOCOL.md describes it. */
export function addApi(app: Hono<HttpEnv>, deps: ApiDeps): void {
  // For everybody, from whichever page he comes.
  addDescription(app, deps);
  addEdge(app, deps);
  addEarlierNames(app, deps.management);
  const content = new Content(deps);
  addDocuments(app, deps, content.repeats);
  addLinks(app, deps);
  addText(app, deps, content);
  addJson(app, deps, content);
  addState(app, deps, content);
  addExports(app, content);
  addArchives(app, deps, content.repeats);
  addEvents(app, deps);
  addAdmin(app, deps);
  addAdminEvents(app, deps);
}

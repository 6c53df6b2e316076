/** Preloaded into a server (`node --import`), it breaks what the environment variable `SABOTAGE` names. */
import { isMainThread } from 'node:worker_threads';
import { Session } from '../../dist/server/documents/session.js';
import { DocumentConnection } from '../../dist/server/gateway/document-connection.js';

const kept = [];
let blocked = 0;

/** What happens with each message before the server looks at it. */
const AT_EACH_MESSAGE = {
  throws: ([event]) => {
    if (event === 'diverged') throw new Error('sabotage');
  },
  rejects: ([event]) => {
    if (event === 'diverged') void Promise.reject(new Error('sabotage'));
  },
  blocks: ([event]) => {
    if (event !== 'diverged' || blocked++ % 20 > 0) return;
    const until = performance.now() + 200;
    while (performance.now() < until);
  },
  keeps: () => kept.push(Buffer.alloc(60_000, 1)),
};

if (isMainThread) sabotage(process.env.SABOTAGE);

function sabotage(what) {
  if (what === 'lets viewers write') {
    Object.defineProperty(Session.prototype, 'role', { get: () => 'owner' });
    return;
  }
  const { receive } = DocumentConnection.prototype;
  DocumentConnection.prototype.receive = function sabotaged(...message) {
    AT_EACH_MESSAGE[what](message);
    return receive.apply(this, message);
  };
}

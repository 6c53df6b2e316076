import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createLog, loadConfig, startServer } from '../../dist/server/index.js';

/**
 * A node as an application runs it that knows its people itself: whoever has a token is called as the token says, and his
 * role is in the file `ROLES`, by name, which stands for the application's database. `POST /{document}` to its other address says that
 * something was changed there.
 */
const roles = () => JSON.parse(readFileSync(process.env.ROLES, 'utf8'));
const authenticator = {
  authenticate: ({ token }) => ({ user: token }),
  authorize: ({ user }) => roles()[user] ?? 'none',
};
const config = loadConfig(process.argv.slice(2), process.env);
const log = createLog({ level: config.logLevel });
const server = await startServer({ config, log, authenticator });
const application = createServer((request, response) => {
  server.accessChanged(request.url.slice(1)).then(
    () => response.end('done'),
    (error) => response.writeHead(500).end(String(error)),
  );
});
application.listen(0, '127.0.0.1', () => {
  log.info({ application: `http://127.0.0.1:${application.address().port}` }, 'the application is ready');
  log.info({ url: server.url }, 'the node is ready');
});

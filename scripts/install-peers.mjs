/** `node scripts/install-peers.mjs FOLDER…`: installs packages of others in folders that have a package.json of their own. */
import { installPeers } from './peers.mjs';

for (const folder of process.argv.slice(2)) process.exitCode ||= installPeers(folder);

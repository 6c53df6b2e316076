#!/usr/bin/env node
import { runServer } from './run-server.js';

// Not left to end by itself: a connection that hangs must not keep the process.
process.exit(await runServer(process.argv.slice(2), process.env));

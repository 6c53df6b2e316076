/** What Socket.IO alone costs. */
import { readArguments } from './launch.mjs';
import { startRelay } from './relay.mjs';

startRelay(readArguments().port);

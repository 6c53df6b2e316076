import type { Command } from '../messages.js';
import { createGenerator } from './create-generator.js';

/** A generator in a process of its own: commands and reports over the channel to its parent (load/messages.ts). */
const generator = createGenerator();

generator.listen(
  (report) => process.send?.(report),
  // What was reported goes out first.
  () => process.disconnect(),
);
process.on('message', (command) => generator.send(command as Command));
// Without its parent there is nobody to load a server for.
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches all processes of the terminal; what happens then is the parent's affair.
process.on('SIGINT', () => {});

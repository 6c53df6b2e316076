import { rename, rm, stat, writeFile } from 'node:fs/promises';

/**
 * Writes a file that is there whole or not at all, in the place of an older one. What is no file, a pipe or a device such as
 * /dev/stdout, is written to, not replaced.
 *
 * @throws Error of the system if that is not possible; then nothing is left of it
 */
export async function writeWhole(file: string, text: string): Promise<void> {
  if (!(await isReplaceable(file))) {
    await writeFile(file, text);
    return;
  }
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(unfinished, text, { flush: true });
    await rename(unfinished, file);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
}

async function isReplaceable(file: string): Promise<boolean> {
  try {
    return (await stat(file)).isFile();
  } catch {
    return true;
  }
}

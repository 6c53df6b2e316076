/** How many times its size an archive may unpack to; what unpacks to less than `HARMLESS_BYTES` may always. */
export const MAX_RATIO = 50;
const HARMLESS_BYTES = 64 * 1024 * 1024;

/** To how many bytes an archive of this length may unpack. Ours keep to it as they grow, so that each can be imported. */
export function mostUnpacked(archiveBytes: number): number {
  return Math.max(archiveBytes * MAX_RATIO, HARMLESS_BYTES);
}

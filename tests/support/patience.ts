/**
 * How long tests wait for what must come, in milliseconds. It is no promise of the product: it only ends what hangs, so it is
 * longer than anything takes on a machine that does other things besides, and shorter than what jest gives a test.
 */
export const PATIENCE_MS = 60_000;

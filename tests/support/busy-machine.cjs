/**
 * A node that is late with its work turns newcomers away, which is right in earnest, and wrong for tests on a machine that
 * runs others beside: unless they say otherwise, the nodes that they start in processes of their own let everybody in.
 */
process.env.COSCRIBE_MAX_LAG_MS ??= '60000';

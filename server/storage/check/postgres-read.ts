/** Runs a statement in the transaction that everything is read in; rows are lists. */
export type Read = (text: string, values?: readonly unknown[]) => Promise<readonly (readonly unknown[])[]>;

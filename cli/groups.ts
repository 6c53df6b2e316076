/** How `coscribe --help` groups the commands, in this order. */
export const GROUPS = {
  serve: 'Serve',
  try: 'Try it out',
  documents: 'Take documents along',
  stores: 'Look after a store',
  more: 'More',
} as const;
export type Group = keyof typeof GROUPS;

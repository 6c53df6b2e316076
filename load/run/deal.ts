import type { LoadOptions } from '../options/options.js';
import type { GeneratorPlan, PlannedDocument, Target } from '../plan.js';

/** How many of `all` fall to the parts up to `part` of `parts`, as evenly as can be: part 0 has none before it. */
function upTo(all: number, part: number, parts: number): number {
  return Math.floor((all * part) / parts);
}

/**
 * What each generator process plays. Documents are dealt out whole, so that each process sees what its people write arrive;
 * if there are fewer of them than processes, their clients are dealt out.
 *
 * @param run in every document's name, so that no run meets what another one has left
 */
export function dealPlans(options: LoadOptions, targets: readonly Target[], run: string): GeneratorPlan[] {
  const { docs, clients, typists, workspace } = options;
  const processes = Math.min(options.processes, clients);
  const documents = Array.from({ length: docs }, (_, at) => {
    const clientsInAll = upTo(clients, at + 1, docs) - upTo(clients, at, docs);
    return {
      name: `${workspace}/${run}-${at + 1}`,
      clientsInAll,
      typists: Math.min(clientsInAll, upTo(typists, at + 1, docs) - upTo(typists, at, docs)),
    };
  });
  const dealt: PlannedDocument[][] = Array.from({ length: processes }, () => []);
  for (const [at, document] of documents.entries()) {
    const numbers = Array.from({ length: document.clientsInAll }, (_, number) => number);
    for (const [process, list] of dealt.entries()) {
      const own =
        docs >= processes
          ? at % processes === process
            ? numbers
            : []
          : numbers.filter((number) => (number + at) % processes === process);
      if (own.length > 0) list.push({ ...document, clients: own });
    }
  }
  const shares = dealt.filter((list) => list.length > 0);
  return shares.map((list) => {
    const share = list.reduce((sum, document) => sum + document.clients.length, 0) / clients;
    return {
      protocol: options.protocol,
      targets,
      ...(options.token === undefined ? {} : { token: options.token }),
      // The same for all: they work out from it who writes under which clientID.
      seed: options.seed,
      documents: list,
      typing: options.typing,
      arrivalsPerSecond: options.arrivalsPerSecond * share,
      churnPerSecond: options.churnPerSecond * share,
      offline: options.offline,
      presencePerSecond: options.presencePerSecond,
    };
  });
}

/** How many of a process' clients type at most. */
export function typistsOf({ documents }: GeneratorPlan): number {
  return documents.reduce(
    (sum, { clients, typists }) => sum + clients.filter((number) => number < typists).length,
    0,
  );
}

/** So many typists in all, dealt out over processes by how many each has. */
export function dealTypists(active: number, of: readonly number[]): number[] {
  const all = of.reduce((sum, typists) => sum + typists, 0);
  let before = 0;
  return of.map((typists) => {
    const from = upTo(active, before, all);
    before += typists;
    return upTo(active, before, all) - from;
  });
}

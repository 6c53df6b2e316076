import type * as Y from 'yjs';
import type { WireError } from '../../shared/errors.js';
import type { DocumentId } from '../../shared/ids.js';
import { ClientLine } from './client-line.js';
import { Desk, type Page } from './desk.js';
import type { Person } from './person.js';
import type { SimulatedServer } from './simulated-server.js';
import type { World } from './world.js';

export interface ClientOptions {
  readonly prefill?: (id: DocumentId, doc: Y.Doc) => void;
  /** Connects to this one, past the load balancer. */
  readonly node?: SimulatedServer;
  /** Who it is, where somebody asks. */
  readonly person?: Person | undefined;
}

/** How long people wait until they look whether they are let in again, in milliseconds. */
const COMES_BACK_AFTER = [300, 12_000] as const;
/** Refusals that one desk may meet once nothing changes any more: of connections that were already broken. */
const LAST_REFUSALS = 3;

/** A page: one or more documents over one connection. */
export class SimulatedClient {
  readonly line: ClientLine;
  readonly person: Person | undefined;
  readonly #desks: Desk[];
  readonly #page: Page;
  #lastRefusals = 0;

  constructor(
    private readonly world: World,
    readonly name: string,
    documents: readonly DocumentId[],
    { prefill = () => {}, node, person }: ClientOptions = {},
  ) {
    this.line = new ClientLine(world, node);
    this.person = person;
    const clock = world.timeline.process();
    const refused = (desk: Desk, error: WireError): void => this.#refused(desk, error);
    this.#page = { world, name, line: this.line, clock, person, refused };
    this.#desks = documents.map((id) => new Desk(this.#page, id, { prefill: (doc) => prefill(id, doc) }));
  }

  get desks(): readonly Desk[] {
    return this.#desks;
  }

  /** The process is gone, with whatever was not saved. */
  vanish(serverNoticesAfter: number): void {
    this.line.kill(serverNoticesAfter);
    this.#page.clock.kill();
  }

  close(): void {
    for (const { provider } of this.#desks) provider.destroy();
  }

  /** As the page does it: whoever may read goes on with a new copy; whoever may not tries again some time. */
  #refused(desk: Desk, { code }: WireError): void {
    queueMicrotask(() => {
      if (this.line.dead) return;
      desk.provider.destroy();
      if (code === 'read-only') this.#openAnew(desk);
      else this.#comeBack(desk);
    });
  }

  #comeBack(desk: Desk): void {
    const { timeline, dice } = this.world;
    timeline.after(dice.spread(...COMES_BACK_AFTER), () => {
      if (this.line.dead) return;
      const { breaking } = this.world;
      if (!breaking && !desk.mayRead) return;
      if (!breaking && ++this.#lastRefusals > LAST_REFUSALS)
        this.world.fail(new Error(`${this.name} may be in ${desk.id}, and is not let in`));
      this.#openAnew(desk);
    });
  }

  #openAnew(desk: Desk): void {
    const at = this.#desks.indexOf(desk);
    this.world.trace.note(`${this.name} opens ${desk.id} anew`);
    this.#desks[at] = new Desk(this.#page, desk.id, { unsaved: desk.unsaved });
  }
}

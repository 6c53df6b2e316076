import type { Session } from '../../server/documents/session.js';
import type { UpdateLog } from '../../server/documents/update-log.js';
import type { DocumentId } from '../../shared/ids.js';
import type { Directory } from './directory.js';
import { type Need, subjectOf } from './rights.js';
import type { SimulatedServer } from './simulated-server.js';
import type { World } from './world.js';

/** How long a change of access takes until it holds on every node, in milliseconds, besides what the store takes. */
const HOLDS_WITHIN = 2_500;
/** Questions that a node puts to the store, and to others, until it knows. */
const QUESTIONS = 4;
/** How long a session may outlive its token, in milliseconds. */
const ENDS_WITHIN = 1_500;

/** Sees to it that nobody does, or is shown, what he may not any more. */
export class AccessGuard {
  constructor(
    private readonly world: World,
    private readonly directory: Directory,
    private readonly node: SimulatedServer,
  ) {}

  /** Looks at every update that a log lets in. */
  watch(id: DocumentId, log: UpdateLog<Session>): UpdateLog<Session> {
    const append = log.append.bind(log);
    log.append = (update) => {
      this.#look(id, update.owner, 'editor', 'changes');
      append(update);
    };
    return log;
  }

  /** Something of a document is on its way to a session. */
  shown(id: DocumentId, session: Session): void {
    this.#look(id, session, 'viewer', 'is shown');
  }

  #look(id: DocumentId, session: Session, need: Need, does: string): void {
    const { world, directory, node } = this;
    const { timeline, profile } = world;
    const { grant } = session.admission;
    // What a node cannot ask, it cannot know.
    const heard = Math.max(directory.weather.clearSince, directory.slowUntil(subjectOf(grant)));
    const sees = Math.max(node.clearSince, heard);
    const since = directory.rights.lackingSince(grant, id, need);
    const allowed = HOLDS_WITHIN + QUESTIONS * 2 * profile.storeLatency;
    const late = since === undefined ? 0 : timeline.now - Math.max(since, sees);
    if (late > allowed)
      world.fail(
        new Error(`${subjectOf(grant)} ${does} ${id} on ${node.name}, ${late.toFixed(0)} ms after he could`),
      );
    const over = grant.expiresAt === undefined ? 0 : node.wall - grant.expiresAt;
    if (Math.min(over, timeline.now - sees) > ENDS_WITHIN)
      world.fail(new Error(`${subjectOf(grant)} ${does} ${id} ${over} ms after the end of his token`));
  }
}

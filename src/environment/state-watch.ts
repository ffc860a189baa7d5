import { messageOf } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceTransition } from "../base/trace.ts";
import type { NodeAccess, StateSight, System } from "../system/system.ts";
import type { Cluster } from "./cluster.ts";
import type { NodeSight } from "./cluster-view.ts";

/** An answer that takes longer than this is as good as none. */
const PATIENCE_MS = 1000;

export interface StateWatchOptions {
  readonly members: readonly NodeId[];
  readonly ask: () => Promise<StateSight>;
  readonly everyMs: number;
  /** What has changed since the last look, as a trace tells it. */
  readonly onChange: (transitions: readonly TraceTransition[]) => void;
  /** What is known now: nothing where no answer came. */
  readonly onSight: (sight: NodeSight) => void;
}

/**
 * Asks a node that writes no trace what it is, again and again, and tells what changed. Each answer is one moment's
 * truth; what came and went between two answers was not seen, so nothing follows from what is missing.
 */
export class StateWatch {
  readonly #options: StateWatchOptions;
  #last: StateSight | undefined;
  #isOver = false;
  /** Why there was no answer the last time. */
  trouble: string | undefined;

  constructor(options: StateWatchOptions) {
    this.#options = options;
  }

  /** Until `stop`. */
  async run(): Promise<void> {
    const { ask, everyMs, onSight } = this.#options;
    while (!this.#isOver) {
      const beganMs = performance.now();
      const sight = await within(PATIENCE_MS, ask()).catch((error: unknown) => {
        this.trouble = messageOf(error);
        return undefined;
      });
      if (this.#isOver) return;
      if (sight !== undefined) this.#take(sight);
      onSight({ role: sight?.role, term: sight?.term ?? this.#last?.term ?? 0, commitIndex: 0 });
      await pause(Math.max(1, everyMs - (performance.now() - beganMs)));
    }
  }

  /** Something else that is certain of it; of a node that was never seen nothing can be told. */
  hear(transition: TraceTransition): void {
    if (this.#last !== undefined) this.#options.onChange([transition]);
  }

  /** Its process has ended: the next answer is another one's. */
  forget(): void {
    this.#last = undefined;
  }

  stop(): void {
    this.#isOver = true;
  }

  #take(sight: StateSight): void {
    const last = this.#last;
    this.#last = sight;
    this.trouble = undefined;
    const transitions = last === undefined ? beginning(sight, this.#options.members) : [];
    if (last?.role !== sight.role || last.term !== sight.term) transitions.push(newRole(sight));
    transitions.push(...newVote(last, sight));
    if (transitions.length > 0) this.#options.onChange(transitions);
  }
}

const STATE_EVERY_MS = 50;

/** Has a node that writes no trace asked, for the cluster to know; undefined where it says nothing of itself. */
export function watchState(
  { state, stateEveryMs = STATE_EVERY_MS }: System,
  node: NodeAccess,
  cluster: Cluster,
): StateWatch | undefined {
  if (state === undefined) return undefined;
  return new StateWatch({
    members: cluster.target.nodes,
    ask: () => state(node),
    everyMs: stateEveryMs,
    onChange: (transitions) => cluster.emit(node.id, transitions),
    onSight: (sight) => cluster.see(node.id, sight),
  });
}

function beginning({ term, votedFor }: StateSight, members: readonly NodeId[]): TraceTransition[] {
  const nothing = { lastIndex: 0, lastHash: 0 };
  return [{ type: "start", term, votedFor: votedFor ?? null, ...nothing, members }];
}

/** Some programs forget who voted for them as soon as they lead. */
function newRole({ role, term, votes = [] }: StateSight): TraceTransition {
  const isTold = role === "leader" && votes.length > 0;
  return { type: "role", role, term, ...(isTold ? { votes } : {}) };
}

/**
 * A vote that was not there at the last look. One that was there already and stands beside a new term now may be a
 * remainder of the old one: some programs never clear it.
 */
function newVote(last: StateSight | undefined, { term, votedFor }: StateSight): TraceTransition[] {
  if (last === undefined || !votedFor || last.votedFor === votedFor) return [];
  return [{ type: "vote", term, candidate: votedFor }];
}

async function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

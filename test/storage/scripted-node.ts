import { mixHash } from "../../src/base/hash.ts";
import type { Entry, LogBase, LogIndex } from "../../node/raft/log.ts";
import type { Snapshot } from "../../node/raft/snapshot.ts";
import type { HardState, Write } from "../../node/raft/state.ts";
import { NO_BASE, NO_HARD_STATE } from "../../node/storage/log-file.ts";
import type { Recovered } from "../../node/storage/recovery.ts";
import type { Storage } from "../../node/storage/storage.ts";

/** What a node has its storage do, one after the other. */
export type Act =
  /** A new term, and a vote in it. */
  | { readonly type: "vote" }
  | { readonly type: "append"; readonly count: number; readonly chars: number }
  /** The last entries are replaced by one of a new term. */
  | { readonly type: "overwrite"; readonly count: number }
  /** A snapshot of the log less its last entries; when it is saved, the log is compacted up to `kept` before it. */
  | { readonly type: "compact"; readonly behind: number; readonly kept: number }
  /** A leader's snapshot of another log, so far beyond the end; when it is saved, the log begins there. */
  | { readonly type: "install"; readonly beyond: number }
  /** All that was asked for is done before it goes on. */
  | { readonly type: "wait" };

/** What is in memory, and what of it may be found on the disk after a crash. */
export interface LogState {
  readonly hardState: HardState;
  readonly base: LogBase;
  readonly entries: readonly Entry[];
}

/** Plays a script to a storage, and remembers what it was told is durable. */
export class ScriptedNode {
  storage: Storage | undefined;
  /** Where a log on the disk may stand: after each change, in their order. The first is a new node's. */
  readonly states: LogState[] = [{ hardState: NO_HARD_STATE, base: NO_BASE, entries: [] }];
  /** Place in `states` of the last change that was reported durable. */
  persisted = 0;
  readonly snapshots: Snapshot[] = [];
  savedIndex: LogIndex = 0;
  failure: Error | undefined;
  /** Place in `states` of the last change of each write. */
  readonly #placeOf = new Map<number, number>();
  #writeId = 0;
  readonly #whenSaved = new Map<LogIndex, () => void>();
  /** A seeded bug of the node itself: it compacts the log before the snapshot is saved. */
  readonly #compactsEarly: boolean;

  constructor({ compactsEarly = false } = {}) {
    this.#compactsEarly = compactsEarly;
  }

  get state(): LogState {
    return this.states.at(-1)!;
  }

  onPersisted(writeId: number): void {
    this.persisted = Math.max(this.persisted, this.#placeOf.get(writeId) ?? 0);
  }

  onSnapshotSaved(index: LogIndex): void {
    this.savedIndex = Math.max(this.savedIndex, index);
    this.#whenSaved.get(index)?.();
    this.#whenSaved.delete(index);
  }

  act(act: Exclude<Act, { type: "wait" }>): void {
    const { hardState, base, entries } = this.state;
    const lastIndex = base.index + entries.length;
    const term = hardState.term + 1;
    switch (act.type) {
      case "vote":
        return this.#write({ hardState: { term, votedFor: `n${(term % 3) + 1}` } });
      case "append":
        return this.#write({ entries: entriesFrom(lastIndex + 1, hardState.term, act) });
      case "overwrite": {
        // What a snapshot covers is committed, and stays.
        const covered = Math.min(lastIndex, this.snapshots.at(-1)?.index ?? 0);
        const from = Math.max(lastIndex - Math.min(act.count, entries.length), covered) + 1;
        return this.#write({
          hardState: { term, votedFor: null },
          truncateFrom: from > lastIndex ? undefined : from,
          entries: entriesFrom(from, term, { count: 1, chars: 20 }),
        });
      }
      case "compact": {
        const index = Math.max(base.index, lastIndex - act.behind);
        if (index <= (this.snapshots.at(-1)?.index ?? 0)) return;
        const compact = (): void =>
          this.#compactTo(Math.max(this.state.base.index, index - act.kept));
        return this.#save(snapshotOf(baseAt(this.state, index)), compact);
      }
      case "install": {
        const index = lastIndex + act.beyond;
        const there = { index, term: hardState.term, hash: mixHash(1, index, "another log") };
        return this.#save(snapshotOf(there), () => this.#replace(there, []));
      }
    }
  }

  #save(snapshot: Snapshot, saved: () => void): void {
    this.snapshots.push(snapshot);
    if (this.#compactsEarly) saved();
    else this.#whenSaved.set(snapshot.index, saved);
    this.storage?.saveSnapshot(snapshot);
  }

  #compactTo(index: LogIndex): void {
    const { base, entries } = this.state;
    if (index > base.index + entries.length) return;
    this.#replace(baseAt(this.state, index), entries.slice(index - base.index));
  }

  #replace(base: LogBase, entries: readonly Entry[]): void {
    const { hardState } = this.state;
    this.states.push({ hardState, base, entries });
    this.#send({ base, hardState, truncateFrom: undefined, entries });
  }

  #write(part: Partial<Omit<Write, "writeId" | "base">>): void {
    const write = { hardState: undefined, truncateFrom: undefined, entries: [], ...part };
    const { hardState, truncateFrom, entries } = write;
    if (hardState) this.states.push({ ...this.state, hardState });
    if (truncateFrom !== undefined) {
      const { base, entries: before } = this.state;
      this.states.push({ ...this.state, entries: before.slice(0, truncateFrom - base.index - 1) });
    }
    for (const entry of entries) {
      this.states.push({ ...this.state, entries: [...this.state.entries, entry] });
    }
    this.#send(write);
  }

  #send(write: Omit<Write, "writeId">): void {
    const writeId = ++this.#writeId;
    this.#placeOf.set(writeId, this.states.length - 1);
    this.storage?.write({ writeId, ...write });
  }

  /** Why this can't be what the disk should remember after a crash now; undefined if it can. */
  complaint(found: Recovered): string | undefined {
    const index = found.snapshot?.index ?? 0;
    if (index < this.savedIndex) return `snapshot ${index} after ${this.savedIndex} was saved`;
    const known = this.snapshots.find((snapshot) => snapshot.index === index);
    if (JSON.stringify(known) !== JSON.stringify(found.snapshot)) return `a snapshot nobody took`;
    const possible = this.states.slice(this.persisted);
    if (possible.some((state) => isRememberedAs(state, found))) return undefined;
    return (
      `term ${found.hardState.term}, entries ${found.base.index + 1} to ` +
      `${found.base.index + found.entries.length} behind snapshot ${index} is no state after ` +
      `${describe(possible[0])}, which was persisted`
    );
  }
}

function describe(state: LogState | undefined): string {
  if (state === undefined) return "nothing";
  const { hardState, base, entries } = state;
  return `term ${hardState.term}, entries ${base.index + 1} to ${base.index + entries.length}`;
}

/** §7: the snapshot, and of the log what goes on from there. */
function isRememberedAs(state: LogState, found: Recovered): boolean {
  const index = found.snapshot?.index ?? 0;
  const behind = (entries: readonly Entry[]): string =>
    JSON.stringify(entries.filter((entry) => entry.index > index));
  if (JSON.stringify(state.hardState) !== JSON.stringify(found.hardState)) return false;
  if (found.base.index > index) return false;
  const foundThere = baseAt(found, index);
  if (found.snapshot !== undefined && foundThere.hash !== found.snapshot.hash) return false;
  const isConnected =
    state.base.index <= index &&
    index <= state.base.index + state.entries.length &&
    baseAt(state, index).hash === (found.snapshot?.hash ?? 0);
  return behind(found.entries) === behind(isConnected ? state.entries : []);
}

/** The log's entry `index`, as what another log may begin after. */
function baseAt({ base, entries }: LogState, index: LogIndex): LogBase {
  let { hash, term } = base;
  for (const entry of entries) {
    if (entry.index > index) break;
    hash = mixHash(hash, entry.term, entry.command);
    term = entry.term;
  }
  return { index, term, hash };
}

function snapshotOf({ index, term, hash }: LogBase): Snapshot {
  const configuration = { voters: ["n1", "n2", "n3"], learners: [] };
  const state = JSON.stringify({ index, values: "v".repeat(index % 5 === 0 ? 1500 : 60) });
  return { index, term, hash, configuration, stateHash: index * 7, state };
}

function entriesFrom(
  from: LogIndex,
  term: number,
  { count, chars }: { readonly count: number; readonly chars: number },
): Entry[] {
  return Array.from({ length: count }, (_, i) => ({
    index: from + i,
    term,
    command: `${from + i} of term ${term} `.repeat(99).slice(0, chars),
  }));
}

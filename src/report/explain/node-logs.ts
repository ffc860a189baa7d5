import type { NodeId } from "../../base/node-id.ts";
import type { TraceEvent } from "../../base/trace.ts";

/** One node's log as its trace tells it. Index 0 stands for the empty log. */
export class NodeLog {
  commitIndex = 0;
  lastIndex = 0;
  /** Up to here the entries are in the snapshot. */
  snapshotIndex = 0;
  /** By index; a hole where the trace does not tell the entry (it was on the disk before). */
  /** Below this what was told does not count any more: another log took its place. */
  #toldFrom = 1;
  readonly #terms: (number | undefined)[] = [];
  readonly #hashes: (number | undefined)[] = [];

  /** No entry above this index is told. */
  get toldTo(): number {
    return this.#terms.length - 1;
  }

  entryAt(index: number): { readonly term: number; readonly hash: number } | undefined {
    const term = this.#terms[index];
    const hash = this.#hashes[index];
    return index > this.lastIndex ||
      index < this.#toldFrom ||
      term === undefined ||
      hash === undefined
      ? undefined
      : { term, hash };
  }

  observe(event: TraceEvent): void {
    switch (event.type) {
      case "start":
        if (this.entryAt(event.lastIndex)?.hash !== event.lastHash)
          this.#toldFrom = event.lastIndex + 1;
        this.#cut(event.lastIndex);
        this.lastIndex = event.lastIndex;
        this.commitIndex = event.snapshot?.index ?? 0;
        this.snapshotIndex = event.snapshot?.index ?? 0;
        return;
      case "append":
        for (const [position, [term, hash]] of event.entries.entries()) {
          this.#terms[event.from + position] = term;
          this.#hashes[event.from + position] = hash;
        }
        this.lastIndex = Math.max(this.lastIndex, event.from + event.entries.length - 1);
        return;
      case "truncate":
        this.#cut(event.from - 1);
        return;
      case "commit":
        this.commitIndex = Math.max(this.commitIndex, event.index);
        return;
      case "install":
        if (this.entryAt(event.index)?.hash !== event.hash) this.#toldFrom = event.index;
        this.#cut(event.lastIndex);
        this.lastIndex = event.lastIndex;
        this.snapshotIndex = event.index;
        this.commitIndex = Math.max(this.commitIndex, event.index);
        this.#terms[event.index] = event.entryTerm;
        this.#hashes[event.index] = event.hash;
        return;
      case "snapshot":
        this.snapshotIndex = event.index;
        return;
      case "disk-lost":
        this.#cut(0);
        this.#toldFrom = 1;
        this.commitIndex = 0;
        this.snapshotIndex = 0;
        return;
      case "apply":
      case "configuration":
      case "durable":
      case "exit":
      case "led":
      case "log":
      case "read-answer":
      case "read-ticket":
      case "role":
      case "vote":
        return;
    }
  }

  #cut(lastIndex: number): void {
    this.#terms.length = Math.min(this.#terms.length, lastIndex + 1);
    this.#hashes.length = Math.min(this.#hashes.length, lastIndex + 1);
    this.lastIndex = Math.min(this.lastIndex, lastIndex);
  }
}

/** The logs of all nodes, fed with the trace in the order of time. */
export class NodeLogs {
  readonly #logs = new Map<NodeId, NodeLog>();

  get nodes(): ReadonlyMap<NodeId, NodeLog> {
    return this.#logs;
  }

  observe(event: TraceEvent): void {
    let log = this.#logs.get(event.node);
    if (!log) this.#logs.set(event.node, (log = new NodeLog()));
    log.observe(event);
  }
}

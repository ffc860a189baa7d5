import type { NodeId, Role } from "../../src/base/node-id.ts";
import type { AppendEvent, StartEvent, TraceEvent } from "../../src/base/trace.ts";
import type { Chains } from "./chains.ts";
import { EntryLog, UNTOLD } from "./entry-log.ts";

/** One node as its own trace tells it. The log outlives a restart, as far as the start event confirms it. */
export class Member {
  readonly node: NodeId;
  /** Position among all nodes seen; stands for the name in columns. */
  readonly number: number;
  /** How many processes began here. */
  lives = 0;
  members: readonly NodeId[] = [];
  role: Role = "follower";
  term = 0;
  readonly log = new EntryLog();
  /** Everything up to here was reported durable and not truncated since; also across restarts. */
  durableIndex = 0;
  /** As `durableIndex`, and what a start found on disk counts too: nobody need sync it twice. */
  heldOnDiskIndex = 0;
  /** Of this life. */
  commitIndex = 0;
  appliedIndex = 0;
  /** Stamp of the last line read: every earlier line of this node is known. */
  lastTimeNs = -1;

  constructor(node: NodeId, number: number) {
    this.node = node;
    this.number = number;
  }

  follow(event: TraceEvent, chains: Chains): void {
    switch (event.type) {
      case "start":
        this.#start(event, chains);
        break;
      case "role":
        this.role = event.role;
        this.term = event.term;
        break;
      case "append":
        this.#append(event, event.timeNs, chains);
        break;
      case "truncate":
        this.#truncate(event.from);
        break;
      case "durable":
        this.#durable(event.index, event.hash);
        break;
      case "commit":
        this.commitIndex = event.index;
        break;
      case "apply":
        this.appliedIndex = event.from + event.hashes.length - 1;
        break;
      case "vote":
      case "exit":
      case "log":
        break;
    }
    this.lastTimeNs = event.timeNs;
  }

  #start(event: StartEvent, chains: Chains): void {
    this.lives++;
    this.members = event.members;
    this.role = "follower";
    this.term = event.term;
    this.log.become(event, chains, this.durableIndex);
    this.durableIndex = Math.min(this.durableIndex, event.lastIndex);
    this.heldOnDiskIndex = event.lastIndex;
    this.commitIndex = 0;
    this.appliedIndex = 0;
  }

  #append(event: AppendEvent, timeNs: number, chains: Chains): void {
    if (event.from <= this.log.lastIndex) this.#truncate(event.from);
    let index = event.from;
    let previousTerm = this.log.termAt(index - 1);
    for (const [term, hash] of event.entries) {
      this.log.put(index, term, hash);
      if (chains.hashOf(index, term) === UNTOLD) {
        chains.add(index, { term, hash, previousTerm, by: this.number, timeNs });
      }
      previousTerm = term;
      index++;
    }
  }

  #truncate(from: number): void {
    this.log.truncate(from);
    this.durableIndex = Math.min(this.durableIndex, from - 1);
    this.heldOnDiskIndex = Math.min(this.heldOnDiskIndex, from - 1);
  }

  /** A report about a log that was replaced while the disk was working says nothing about this one. */
  #durable(index: number, hash: number): void {
    if (this.log.hashAt(index) !== hash) return;
    this.durableIndex = Math.max(this.durableIndex, index);
    this.heldOnDiskIndex = Math.max(this.heldOnDiskIndex, index);
  }
}

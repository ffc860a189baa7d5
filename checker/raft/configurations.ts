import type { NodeId } from "../../src/base/node-id.ts";
import type { AppendEvent } from "../../src/base/trace.ts";
import type { EntryLog } from "./entry-log.ts";

/** Who votes and who only listens. */
export interface Voting {
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
}

/** An entry that holds a configuration, as the node that told of it first knows it. */
export interface ConfigurationEntry {
  readonly index: number;
  readonly hash: number;
  voting: Voting | undefined;
  by: NodeId;
}

/**
 * Every configuration entry that any node ever appended. By Log Matching the chain hash names the entry, so
 * whether it is in a log, and what it says, is the same question on every node. There are few.
 */
export class Configurations {
  readonly #entries: ConfigurationEntry[] = [];

  /** The configuration entries among those that a node appended. */
  appended(event: AppendEvent, node: NodeId): ConfigurationEntry[] {
    return (event.configurations ?? []).flatMap((index) => {
      const hash = event.entries[index - event.from]?.[1];
      if (hash === undefined) return [];
      return [this.#find(index, hash) ?? this.#add({ index, hash, voting: undefined, by: node })];
    });
  }

  /** Those in a log, in its order. */
  inLog(log: EntryLog): ConfigurationEntry[] {
    return this.#entries
      .filter(({ index, hash }) => log.hashAt(index) === hash)
      .sort((a, b) => a.index - b.index);
  }

  #find(index: number, hash: number): ConfigurationEntry | undefined {
    return this.#entries.findLast((entry) => entry.index === index && entry.hash === hash);
  }

  #add(entry: ConfigurationEntry): ConfigurationEntry {
    this.#entries.push(entry);
    return entry;
  }
}

export function sameVoting(a: Voting, b: Voting): boolean {
  return sameNodes(a.voters, b.voters) && sameNodes(a.learners, b.learners);
}

/** How many nodes have a vote in one of them only. */
export function voterDifference(a: Voting, b: Voting): number {
  const [before, after] = [new Set(a.voters), new Set(b.voters)];
  const gone = [...before].filter((node) => !after.has(node));
  const come = [...after].filter((node) => !before.has(node));
  return gone.length + come.length;
}

/** "n1, n2, n3 and learner n4" */
export function describeVoting({ voters, learners }: Voting): string {
  const names = voters.length === 0 ? "nobody" : voters.join(", ");
  return learners.length === 0 ? names : `${names} (learning: ${learners.join(", ")})`;
}

function sameNodes(a: readonly NodeId[], b: readonly NodeId[]): boolean {
  const [one, other] = [new Set(a), new Set(b)];
  return one.size === other.size && [...one].every((node) => other.has(node));
}

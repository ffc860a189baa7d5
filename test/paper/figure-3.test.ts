import { describe, expect, test } from "vitest";
import { createPrng, type Prng } from "../../src/base/prng.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import type { Entry } from "../../node/raft/log.ts";
import type { RaftState } from "../../node/raft/state.ts";
import type { Replica } from "../../node/replica/replica.ts";
import { mutatedRules } from "../../node/mutants/mutants.ts";
import { Cluster } from "../node/cluster.ts";

/**
 * Figure 3: "Raft guarantees that each of these properties is true at all times." So a cluster is wrecked, every
 * few milliseconds all servers' states are laid side by side, and each property is looked for as the paper words
 * it: slowly, with no hash and no checker. Each oracle is then shown a cluster with a broken rule.
 */
type Oracle = (replicas: readonly Replica[]) => string | undefined;

const LOOK_EVERY_MS = 7;
const RUN_MS = 8000;

/** "At most one leader can be elected in a given term." §5.2 */
function electionSafety(): Oracle {
  const leaders = new Map<number, NodeId>();
  return (replicas) => {
    for (const { currentTerm, id } of leadersOf(replicas)) {
      const known = leaders.get(currentTerm) ?? id;
      leaders.set(currentTerm, known);
      if (known !== id) return `${known} and ${id} lead term ${currentTerm}`;
    }
    return undefined;
  };
}

/** "A leader never overwrites or deletes entries in its log; it only appends new entries." §5.3 */
function leaderAppendOnly(): Oracle {
  const logs = new Map<string, readonly Entry[]>();
  return (replicas) => {
    for (const raft of leadersOf(replicas)) {
      const name = `${raft.id} in term ${raft.currentTerm}`;
      const before = logs.get(name) ?? [];
      const changed = before.find((entry) => differs(raft, entry));
      if (changed !== undefined) return `${name} changed entry ${changed.index} of its log`;
      logs.set(name, [...raft.log.entries]);
    }
    return undefined;
  };
}

/**
 * "If two logs contain an entry with the same index and term, then the logs are identical in all entries up
 * through the given index." §5.3
 */
function logMatching(): Oracle {
  return (replicas) => {
    for (const [i, { raft: one }] of replicas.entries()) {
      for (const { raft: other } of replicas.slice(i + 1)) {
        const shared = one.log.entries.filter(
          ({ index, term }) => entryAt(other, index)?.term === term,
        );
        const end = shared.at(-1)?.index ?? 0;
        const differing = one.log.entries.find(
          (entry) => entry.index <= end && differs(other, entry),
        );
        if (differing !== undefined) {
          return `${one.id} and ${other.id} agree at ${end} and differ at ${differing.index}`;
        }
      }
    }
    return undefined;
  };
}

/**
 * "If a log entry is committed in a given term, then that entry will be present in the logs of the leaders for
 * all higher-numbered terms." §5.4
 */
function leaderCompleteness(): Oracle {
  const committed = new Map<number, { entry: Entry; inTerm: number }>();
  return (replicas) => {
    for (const { raft } of replicas) {
      for (const entry of entriesUpTo(raft, raft.commitIndex)) {
        if (!committed.has(entry.index)) {
          committed.set(entry.index, { entry, inTerm: raft.currentTerm });
        }
      }
    }
    for (const leader of leadersOf(replicas)) {
      for (const { entry, inTerm } of committed.values()) {
        if (leader.currentTerm <= inTerm || !differs(leader, entry)) continue;
        return `${leader.id}, leader of term ${leader.currentTerm}, lacks entry ${entry.index}`;
      }
    }
    return undefined;
  };
}

/**
 * "If a server has applied a log entry at a given index to its state machine, no other server will ever apply a
 * different log entry for the same index." §5.4.3
 */
function stateMachineSafety(): Oracle {
  const applied = new Map<number, Entry>();
  return (replicas) => {
    for (const { raft, lastApplied } of replicas) {
      for (const entry of entriesUpTo(raft, lastApplied)) {
        const known = applied.get(entry.index) ?? entry;
        applied.set(entry.index, known);
        if (!isSame(known, entry)) return `another entry was applied at ${entry.index}`;
      }
    }
    return undefined;
  };
}

const leadersOf = (replicas: readonly Replica[]): RaftState[] =>
  replicas.map(({ raft }) => raft).filter(({ role }) => role === "leader");

const entryAt = ({ log }: RaftState, index: number): Entry | undefined =>
  log.entries[index - log.base.index - 1];

const entriesUpTo = ({ log }: RaftState, index: number): Entry[] =>
  log.entries.filter((entry) => entry.index <= index);

const isSame = (one: Entry, other: Entry): boolean =>
  one.index === other.index && one.term === other.term && one.command === other.command;

/** Its log has another entry there, or none. */
function differs(raft: RaftState, entry: Entry): boolean {
  if (entry.index <= raft.log.base.index) return false;
  const ours = entryAt(raft, entry.index);
  return ours === undefined || !isSame(ours, entry);
}

/** What the oracle first finds in a run of writes, cuts and power cuts that the seed decides. */
function wreck(seed: string, look: Oracle, mutant?: string): string | undefined {
  const prng = createPrng(seed);
  const rules = mutant === undefined ? undefined : mutatedRules(mutant);
  const cluster = new Cluster({
    seed,
    nodeCount: prng.pick([3, 5]),
    delayMs: [1, 40],
    duplication: 0.1,
    ...(rules && { rules }),
  });
  let writes = 0;
  while (cluster.nowMs < RUN_MS) {
    cluster.advance(LOOK_EVERY_MS);
    if (prng.chance(0.02)) disturb(cluster, prng);
    for (const id of cluster.ids) {
      if (cluster.replica(id)?.raft.role !== "leader" || !prng.chance(0.2)) continue;
      const command = { op: "put", key: "x", value: String(++writes) } as const;
      cluster.request(id, { type: "write", command }, () => undefined);
    }
    const up = cluster.ids.flatMap((id) => cluster.replica(id) ?? []);
    const found = look(up);
    if (found !== undefined) return `${found} (seed ${seed}, at ${cluster.nowMs} ms)`;
  }
  return undefined;
}

function disturb(cluster: Cluster, prng: Prng): void {
  const down = cluster.ids.filter((id) => cluster.replica(id) === undefined);
  const leader = cluster.leader() ?? prng.pick(cluster.ids);
  switch (prng.int(0, 4)) {
    case 0:
      return cluster.cuts.clear();
    case 1: {
      const [one, ...others] = prng.shuffle(cluster.ids);
      return cluster.partition([one ?? leader, ...others.splice(0, 1)], others);
    }
    case 2:
      return cluster.partition(
        [leader],
        cluster.ids.filter((id) => id !== leader),
      );
    case 3:
      return cluster.replica(leader) && cluster.kill(leader);
    default:
      return down.forEach((id) => cluster.start(id));
  }
}

const seeds = Array.from({ length: 12 }, (_, i) => `figure 3, ${i}`);

describe("Figure 3", () => {
  test.each([
    ["Election Safety", electionSafety],
    ["Leader Append-Only", leaderAppendOnly],
    ["Log Matching", logMatching],
    ["Leader Completeness", leaderCompleteness],
    ["State Machine Safety", stateMachineSafety],
  ])("%s is true at all times", (_, create) => {
    for (const seed of seeds) expect(wreck(seed, create())).toBeUndefined();
  });

  test.each([
    ["Election Safety", "vote-twice", electionSafety],
    ["Log Matching", "append-no-prev-check", logMatching],
    ["Leader Completeness", "vote-ignores-log", leaderCompleteness],
    ["State Machine Safety", "no-truncate-on-conflict", stateMachineSafety],
  ])("%s: a node with the bug %s is seen to break it", (_, mutant, create) => {
    const found = seeds.map((seed) => wreck(seed, create(), mutant));
    expect(found.filter((text) => text !== undefined)).not.toEqual([]);
  });

  test("Leader Append-Only: a leader's log that lost an entry is seen to break it", () => {
    // No rule of this node lets a leader do it, so it is done by hand.
    const cluster = new Cluster({ seed: "append-only" });
    cluster.until("a leader", () => cluster.leader() !== undefined);
    const replica = cluster.replica(cluster.leader() ?? "")!;
    const look = leaderAppendOnly();
    expect(look([replica])).toBeUndefined();
    replica.raft.log.entries.pop();
    expect(look([replica])).toContain("changed entry 1 of its log");
  });
});

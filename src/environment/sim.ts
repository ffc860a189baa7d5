import { mutatedRules, mutatedStorageRules } from "../../node/mutants/mutants.ts";
import { RULES, type Rules } from "../../node/raft/rules.ts";
import type { Replica } from "../../node/replica/replica.ts";
import { withMembers, type MembersPort, type MembersSight } from "../../nemesis/members.ts";
import type { FaultTarget } from "../../nemesis/target.ts";
import { EnvironmentError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import type { TraceEvent, TraceTransition } from "../base/trace.ts";
import type { Deviation } from "../sim/deviation.ts";
import type { SimOptions } from "../sim/options.ts";
import { World } from "../sim/world.ts";

export interface SimClusterOptions {
  readonly seed: string;
  readonly nodes: readonly NodeId[];
  readonly mutant: string | null;
  readonly proxyClients: boolean;
  readonly sim: SimOptions;
  readonly onTrace: (event: TraceEvent) => void;
  readonly deviations?: readonly Deviation[] | undefined;
  readonly onDeviation?: ((deviation: Deviation) => void) | undefined;
  /** Told whenever the seeded bug decides otherwise than the rule that it replaces. */
  readonly onDifference?: (() => void) | undefined;
}

/** A simulated cluster, and where the nemesis acts on it. */
export interface SimCluster {
  readonly world: World;
  readonly target: FaultTarget;
}

/** Nodes that begin to start at moment 0 of virtual time, which only goes on when the world is run. */
export function createSimCluster(options: SimClusterOptions): SimCluster {
  const { seed, nodes, mutant, proxyClients, sim, onTrace, deviations, onDeviation } = options;
  const { onDifference } = options;
  const world: World = new World({
    seed,
    nodes,
    rules: rulesOf(mutant, onDifference),
    storageRules: mutatedStorageRules(mutant, onDifference),
    sim,
    hasClientLinks: proxyClients,
    deviations,
    onDeviation,
    onTrace: (node, transition) => onTrace(stamp(transition, world.queue.nowNs, node)),
  });
  world.start();
  const target: FaultTarget = {
    nodes,
    surroundings: "sim",
    hasClientLinks: proxyClients,
    status: () => world.status(),
    converge: (desired, done) => world.converge(desired, done),
  };
  const clock = {
    nowNs: () => world.queue.nowNs,
    after: (ms: number, act: () => void) => world.after(ms, act),
  };
  return { world, target: withMembers(target, membersOf(world), clock) };
}

/** Nobody else has it any more, so it is not copied: the copies would cost more than most of the checkers do. */
function stamp(transition: TraceTransition, timeNs: number, node: NodeId): TraceEvent {
  const event: { -readonly [K in keyof TraceEvent]?: TraceEvent[K] } = transition;
  event.timeNs = timeNs;
  event.node = node;
  return event as TraceEvent;
}

/** Both at the node itself, as by somebody who sits there. */
function membersOf(world: World): MembersPort {
  return {
    look: (node, done) => done(sightOf(world.replicaOf(node))),
    // Not by way of the clients' links: what is asked for now must not come about when nobody wants it any more.
    change: (leader, change, done) => world.order(leader, { type: "change-members", change }, done),
  };
}

function sightOf(replica: Replica | undefined): MembersSight | undefined {
  if (replica === undefined) return undefined;
  const { raft } = replica;
  const { voters, learners } = raft.configuration;
  return {
    isLeader: raft.role === "leader",
    term: raft.currentTerm,
    voters,
    learners,
    index: raft.configurations.at(-1)?.index ?? 0,
    isSettled: !raft.rules.isChangeUnderWay(raft) && raft.rules.hasCommittedInTerm(raft),
  };
}

function rulesOf(mutant: string | null, onDifference: (() => void) | undefined): Rules {
  if (mutant === null) return RULES;
  const rules = mutatedRules(mutant, onDifference);
  if (rules === undefined) throw new EnvironmentError(`there is no seeded bug "${mutant}"`);
  return rules;
}

import { NEVER_SEEN, type SeenOut } from "../src/base/join-mark.ts";
import type { NodeId } from "../src/base/node-id.ts";
import type {
  ConvergeOutcome,
  DesiredNode,
  DesiredState,
  FaultTarget,
  NemesisClock,
  NodeEffect,
} from "./target.ts";

/** What a node believes about who belongs to the cluster. */
export interface MembersSight {
  readonly isLeader: boolean;
  readonly term: number;
  readonly voters: readonly NodeId[];
  readonly learners: readonly NodeId[];
  /** Of the entry that holds them. */
  readonly index: number;
  /** That is committed, and an entry of the leader's own term too: no other change can come about from the past. */
  readonly isSettled: boolean;
}

export interface MemberChange {
  readonly type: "add-learner" | "promote" | "remove";
  readonly node: NodeId;
}

/** How the cluster is asked about its members, and to change them. Each call is answered exactly once. */
export interface MembersPort {
  /** Undefined: no answer. */
  look(node: NodeId, done: (sight: MembersSight | undefined) => void): void;
  /** Asks `node` for the change; what came of it is seen by looking again. */
  change(node: NodeId, change: MemberChange, done: () => void): void;
}

/** A new set of members takes a few rounds of messages, if a majority is there to agree to it. */
const CHANGE_DEADLINE_MS = 1000;
/** What did not come about then is tried again with every call, without holding it up for long. */
const RETRY_DEADLINE_MS = 100;
const PAUSE_MS = 30;

/**
 * A target that also brings about who belongs to the cluster: the effect `removed`, and the removal that must
 * come before a disk may be lost. The cluster itself has to agree to that, so it comes after everything else
 * and may fail where no majority is up; then it is tried again with the next call.
 */
export function withMembers(
  target: FaultTarget,
  port: MembersPort,
  clock: NemesisClock,
): FaultTarget {
  /** Where each was seen to be removed. */
  const lost = new Map<NodeId, SeenOut>();
  let wantedOut = "";
  /** As long as nobody was ever to be removed, nobody has to be looked at. */
  let isUntouched = true;
  let trouble: ReadonlyMap<NodeId, string> = new Map();
  /** The heal at the end does not wait for the call before it, which then gives up. */
  let newestCall = 0;
  let changesUnderWay = 0;
  const counted: MembersPort = {
    look: (node, done) => port.look(node, done),
    change(leader, change, done) {
      changesUnderWay++;
      port.change(leader, change, () => {
        changesUnderWay--;
        done();
      });
    },
  };

  function converge(desired: DesiredState, done: (outcome: ConvergeOutcome) => void): void {
    const call = ++newestCall;
    const isSuperseded = (): boolean => call !== newestCall;
    const out = new Set(nodesWith(desired, "removed"));
    const isNew = wantedOut !== [...out].join();
    wantedOut = [...out].join();
    for (const node of lost.keys())
      if (!nodesWith(desired, "disk-lost").includes(node)) lost.delete(node);
    target.converge(withoutMembers(desired, lost), (outcome) => {
      if (isUntouched && out.size === 0) return done(outcome);
      isUntouched = false;
      const deadlineMs = isNew ? CHANGE_DEADLINE_MS : RETRY_DEADLINE_MS;
      const reconciliation: Reconciliation = {
        nodes: target.nodes,
        out,
        port: counted,
        clock,
        deadlineMs,
        isSuperseded,
        // A call that gave up may have asked for a change that comes about only now.
        isAtRest: () => changesUnderWay === 0,
      };
      reconcile(reconciliation, (failed, seen) => {
        if (isSuperseded()) return done(merge(outcome, target.nodes, failed));
        trouble = failed;
        loseDisks(desired, seen, merge(outcome, target.nodes, failed), done);
      });
    });
  }

  /**
   * Those whose removal was just seen, there; it is never safe before. A leader of an older term may still take an
   * empty node for the member that it was, and win or commit with its help.
   */
  function loseDisks(
    desired: DesiredState,
    seen: SeenOut,
    outcome: ConvergeOutcome,
    done: (outcome: ConvergeOutcome) => void,
  ): void {
    const due = nodesWith(desired, "disk-lost").filter(
      (node) => !lost.has(node) && !trouble.has(node),
    );
    if (due.length === 0) return done(outcome);
    const { term, index } = seen;
    for (const node of due) lost.set(node, { term, index });
    target.converge(withoutMembers(desired, lost), (again) =>
      done(merge(again, target.nodes, trouble)),
    );
  }

  return { ...target, status: () => target.status(), converge };
}

function nodesWith({ nodes }: DesiredState, type: "removed" | "disk-lost"): NodeId[] {
  return nodes.flatMap(({ node, effects = [] }) =>
    effects.some((effect) => effect.type === type) ? [node] : [],
  );
}

/** What the environment itself has to bring about. */
function withoutMembers(desired: DesiredState, lost: ReadonlyMap<NodeId, SeenOut>): DesiredState {
  const nodes = desired.nodes.map(({ effects, ...rest }): DesiredNode => {
    if (effects === undefined) return rest;
    const seenOut = lost.get(rest.node);
    const own = effects.flatMap((effect): NodeEffect[] => {
      if (effect.type === "removed") return [];
      if (effect.type !== "disk-lost") return [effect];
      return seenOut === undefined ? [] : [{ ...effect, seenOut }];
    });
    return own.length === 0 ? rest : { ...rest, effects: own };
  });
  return { links: desired.links, nodes };
}

/** Membership is confirmed, or not, apart from the node itself, which may be as desired all the same. */
function merge(
  outcome: ConvergeOutcome,
  nodes: readonly NodeId[],
  failed: ReadonlyMap<NodeId, string>,
): ConvergeOutcome {
  const settled = nodes.filter((node) => !failed.has(node)).map(memberName);
  const failures = [...failed].map(([node, reason]) => ({ what: memberName(node), reason }));
  return {
    confirmed: [...outcome.confirmed, ...settled],
    failed: [...outcome.failed, ...failures],
  };
}

/** What stands for a node's membership in an outcome. */
export function memberName(node: NodeId): string {
  return `membership of ${node}`;
}

interface Reconciliation {
  readonly nodes: readonly NodeId[];
  /** Who must not belong to the cluster; all others must, with a vote. */
  readonly out: ReadonlySet<NodeId>;
  readonly port: MembersPort;
  readonly clock: NemesisClock;
  readonly deadlineMs: number;
  readonly isSuperseded: () => boolean;
  readonly isAtRest: () => boolean;
}

/**
 * Again and again: what is wrong by what the leader shows is asked for; `done` gets what still is at the end, and where
 * that was seen.
 */
function reconcile(
  { nodes, out, port, clock, deadlineMs, isSuperseded, isAtRest }: Reconciliation,
  done: (failed: ReadonlyMap<NodeId, string>, seen: SeenOut) => void,
): void {
  const endNs = clock.nowNs() + deadlineMs * 1e6;
  step();

  function step(): void {
    lookAtAll(nodes, port, (sights) => {
      if (isSuperseded()) return done(everyone("the cluster is being healed"), NEVER_SEEN);
      const leader = leaderIn(sights);
      if (leader === undefined) return again(everyone("no leader says who belongs to the cluster"));
      const { node, sight } = leader;
      const differs = differences(sight, nodes, out);
      const changes = changesFor(sight, [...differs.keys()], out);
      const isSettled = sight.isSettled && isAtRest();
      // Whose removal is not committed may still be a member in the end.
      const wrong = isSettled ? differs : new Map([...everyone(UNCOMMITTED), ...differs]);
      if (changes.length > 0) askAll(node, changes, () => again(wrong, sight));
      else if (isSettled) done(wrong, sight);
      else again(wrong, sight);
    });
  }

  function askAll(leader: NodeId, changes: readonly MemberChange[], done: () => void): void {
    let waiting = changes.length;
    for (const change of changes) {
      port.change(leader, change, () => {
        if (--waiting === 0) done();
      });
    }
  }

  function again(failed: ReadonlyMap<NodeId, string>, seen = NEVER_SEEN): void {
    if (clock.nowNs() >= endNs || isSuperseded()) done(failed, seen);
    else clock.after(PAUSE_MS, step);
  }

  function everyone(reason: string): ReadonlyMap<NodeId, string> {
    return new Map(nodes.map((node) => [node, reason]));
  }
}

const UNCOMMITTED = "the last change of members is not committed";

interface Leader {
  readonly node: NodeId;
  readonly sight: MembersSight;
}

function lookAtAll(
  nodes: readonly NodeId[],
  port: MembersPort,
  done: (sights: readonly Leader[]) => void,
): void {
  const sights: Leader[] = [];
  let waiting = nodes.length;
  for (const node of nodes) {
    port.look(node, (sight) => {
      if (sight !== undefined) sights.push({ node, sight });
      if (--waiting === 0) done(sights);
    });
  }
}

/** Of two that think they lead, the one with the newer term is right. */
function leaderIn(sights: readonly Leader[]): Leader | undefined {
  return sights
    .filter(({ sight }) => sight.isLeader)
    .toSorted((a, b) => b.sight.term - a.sight.term)[0];
}

function differences(
  { voters, learners }: MembersSight,
  nodes: readonly NodeId[],
  out: ReadonlySet<NodeId>,
): ReadonlyMap<NodeId, string> {
  return new Map(
    nodes.flatMap((node): [NodeId, string][] => {
      const isMember = voters.includes(node) || learners.includes(node);
      if (out.has(node)) return isMember ? [[node, "the cluster has not removed it"]] : [];
      if (voters.includes(node)) return [];
      return [[node, isMember ? "it has no vote yet" : "the cluster has not added it"]];
    }),
  );
}

/**
 * All at once: a correct cluster refuses all but the first for now, and they are asked for again. Adding comes first:
 * a cluster that is to lose members had better have all others.
 */
function changesFor(
  { learners }: MembersSight,
  wrong: readonly NodeId[],
  out: ReadonlySet<NodeId>,
): MemberChange[] {
  const change =
    (type: MemberChange["type"]) =>
    (node: NodeId): MemberChange => ({ type, node });
  const wanted = wrong.filter((node) => !out.has(node));
  return [
    ...wanted.filter((node) => !learners.includes(node)).map(change("add-learner")),
    ...wrong.filter((node) => out.has(node)).map(change("remove")),
    ...wanted.filter((node) => learners.includes(node)).map(change("promote")),
  ];
}

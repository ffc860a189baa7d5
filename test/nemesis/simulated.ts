import { linkName, type NodeId } from "../../src/base/node-id.ts";
import { HEALTHY, type ConvergeOutcome, type DesiredState } from "../../nemesis/target.ts";
import type { FaultTarget, NemesisClock, NodeStatus, Surroundings } from "../../nemesis/target.ts";
import type { Schedule, ScheduleEntry } from "../../nemesis/schedule.ts";

/** A clock that moves only when it is told to. */
export interface VirtualClock extends NemesisClock {
  advance(ms: number): void;
}

export function createVirtualClock(): VirtualClock {
  let nowMs = 0;
  let timers: { atMs: number; act: () => void }[] = [];
  return {
    nowNs: () => nowMs * 1e6,
    after(ms, act) {
      const timer = { atMs: nowMs + ms, act };
      timers.push(timer);
      return () => {
        timers = timers.filter((other) => other !== timer);
      };
    },
    advance(ms) {
      const untilMs = nowMs + ms;
      for (;;) {
        // Equal moments in the order in which they were asked for.
        const [next] = timers.toSorted((a, b) => a.atMs - b.atMs);
        if (next === undefined || next.atMs > untilMs) break;
        timers = timers.filter((other) => other !== next);
        nowMs = next.atMs;
        next.act();
      }
      nowMs = untilMs;
    },
  };
}

/** A cluster that is brought into any state after `delayMs`, except for what is broken in it. */
export interface SimulatedTarget extends FaultTarget {
  /** What it was asked for, in order. */
  readonly asked: DesiredState[];
  current: DesiredState;
  leader: NodeId | undefined;
  term: number;
  commitIndex: number;
  delayMs: number;
  hasClientLinks: boolean;
  surroundings: Surroundings;
  /** Links and nodes that cannot be changed, and why. */
  readonly broken: Map<string, string>;
  /** True: calls are never answered. */
  isHanging: boolean;
}

export function createSimulatedTarget(clock: NemesisClock, nodeCount = 5): SimulatedTarget {
  const nodes = Array.from({ length: nodeCount }, (_, i) => `n${i + 1}`);
  const target: SimulatedTarget = {
    nodes,
    asked: [],
    current: HEALTHY,
    leader: "n2",
    term: 1,
    commitIndex: 0,
    delayMs: 10,
    hasClientLinks: false,
    surroundings: "docker",
    broken: new Map(),
    isHanging: false,
    status: () =>
      nodes.map((node): NodeStatus => ({
        node,
        state: target.current.nodes.find((other) => other.node === node)?.state ?? "running",
        role: node === target.leader ? "leader" : "follower",
        term: target.term,
        commitIndex: target.commitIndex,
      })),
    converge(desired, done) {
      target.asked.push(desired);
      if (target.isHanging) return;
      clock.after(target.delayMs, () => {
        target.current = desired;
        done(outcomeOf(desired, target.broken));
      });
    },
  };
  return target;
}

export function scheduleOf(...faults: ScheduleEntry[]): Schedule {
  return { format: "raftwreck-schedule", version: 1, seed: "test", faults };
}

/** "n1-n2 refuse, n3 killed": a state in one line. */
export function render({ links, nodes }: DesiredState): string {
  return [
    ...links.map(({ link, effects }) => `${linkName(link)} ${effects.map(effectText).join("+")}`),
    ...nodes.map(({ node, state, effects = [] }) =>
      [`${node} ${state}`, ...effects.map(effectText)].join("+"),
    ),
  ].join(", ");
}

function effectText({ type, ...parameters }: { readonly type: string }): string {
  const values = Object.values(parameters).map((value: unknown) =>
    typeof value === "object" && value !== null ? Object.values(value).join(":") : value,
  );
  return values.length === 0 ? type : `${type}(${values.join(" ")})`;
}

function outcomeOf(
  { links, nodes }: DesiredState,
  broken: ReadonlyMap<string, string>,
): ConvergeOutcome {
  const names = [...links.map(({ link }) => linkName(link)), ...nodes.map(({ node }) => node)];
  return {
    confirmed: names.filter((what) => !broken.has(what)),
    failed: [...broken.entries()].map(([what, reason]) => ({ what, reason })),
  };
}

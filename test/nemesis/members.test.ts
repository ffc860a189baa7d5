import { beforeEach, describe, expect, test } from "vitest";
import { withMembers, type MemberChange, type MembersSight } from "../../nemesis/members.ts";
import { HEALTHY, type ConvergeOutcome, type DesiredState } from "../../nemesis/target.ts";
import {
  createSimulatedTarget,
  createVirtualClock,
  render,
  type SimulatedTarget,
  type VirtualClock,
} from "./simulated.ts";

/** A cluster that agrees to every change after 20 ms, as long as it is able to. */
class Members {
  voters = ["n1", "n2", "n3"];
  learners: string[] = [];
  readonly asked: string[] = [];
  leader: string | undefined = "n1";
  isSettled = true;
  /** Learners that have not got the log yet. */
  readonly behind = new Set<string>();
  readonly #clock: VirtualClock;

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  look(node: string, done: (sight: MembersSight | undefined) => void): void {
    const { voters, learners, isSettled } = this;
    const isLeader = node === this.leader;
    this.#clock.after(5, () => done({ isLeader, term: 4, index: 9, voters, learners, isSettled }));
  }

  change(leader: string, { type, node }: MemberChange, done: () => void): void {
    this.asked.push(`${leader}: ${type} ${node}`);
    this.#clock.after(20, () => {
      const without = (list: readonly string[]): string[] => list.filter((other) => other !== node);
      if (type === "add-learner") this.learners = [...this.learners, node];
      else if (type === "remove") {
        this.voters = without(this.voters);
        this.learners = without(this.learners);
      } else if (!this.behind.has(node)) {
        this.learners = without(this.learners);
        this.voters = [...this.voters, node].sort();
      }
      done();
    });
  }
}

const removed = (node: string, ...more: "disk-lost"[]): DesiredState => ({
  links: [],
  nodes: [
    {
      node,
      state: "running",
      effects: [{ type: "removed" }, ...more.map((type) => ({ type }) as const)],
    },
  ],
});

describe("who belongs to the cluster", () => {
  let clock: VirtualClock;
  let inner: SimulatedTarget;
  let members: Members;
  let target: ReturnType<typeof withMembers>;

  beforeEach(() => {
    clock = createVirtualClock();
    inner = createSimulatedTarget(clock, 3);
    members = new Members(clock);
    target = withMembers(inner, members, clock);
  });

  function converge(desired: DesiredState, withinMs = 3000): ConvergeOutcome | undefined {
    let outcome: ConvergeOutcome | undefined;
    target.converge(desired, (reached) => (outcome = reached));
    clock.advance(withinMs);
    return outcome;
  }

  test("a node is removed, and gets its vote back", () => {
    const names = ["n3", "membership of n1", "membership of n2", "membership of n3"];
    expect(converge(removed("n3"))).toEqual({ confirmed: names, failed: [] });
    expect(members.voters).toEqual(["n1", "n2"]);
    expect(converge(HEALTHY)).toMatchObject({ failed: [] });
    expect(members.asked).toEqual(["n1: remove n3", "n1: add-learner n3", "n1: promote n3"]);
  });

  test("the environment never hears of it, and nobody asks while nothing is wrong", () => {
    converge(HEALTHY);
    expect(members.asked).toEqual([]);
    converge(removed("n3"));
    expect(inner.asked.map(render)).toEqual(["", "n3 running"]);
  });

  test("a disk is lost only after the removal was seen, and once; where that was goes with it", () => {
    converge(removed("n3", "disk-lost"));
    expect(inner.asked.map(render)).toEqual(["n3 running", "n3 running+disk-lost(4:9)"]);
    converge(removed("n3", "disk-lost"));
    expect(inner.asked.map(render).at(-1)).toBe("n3 running+disk-lost(4:9)");
    converge(HEALTHY);
    converge(removed("n3", "disk-lost"));
    expect(inner.asked.map(render).slice(-2)).toEqual(["n3 running", "n3 running+disk-lost(4:9)"]);
  });

  test("no disk is lost while the removal may still come to nothing, whatever else is asked for", () => {
    members.isSettled = false;
    members.voters = ["n2", "n3"];
    members.leader = "n2";
    members.behind.add("n1");
    const outcome = converge(removed("n3", "disk-lost"));
    expect(members.voters).toEqual(["n2"]);
    expect(inner.asked.map(render)).toEqual(["n3 running"]);
    expect(outcome?.failed).toContainEqual({
      what: "membership of n3",
      reason: "the last change of members is not committed",
    });
  });

  test("without a leader nothing is removed, no disk is lost, and it is said why", () => {
    members.leader = undefined;
    const outcome = converge(removed("n3", "disk-lost"));
    expect(outcome?.confirmed).toEqual(["n3"]);
    expect(outcome?.failed).toContainEqual({
      what: "membership of n3",
      reason: "no leader says who belongs to the cluster",
    });
    expect(inner.asked.map(render)).toEqual(["n3 running"]);
  });

  test("what did not come about is tried again with the next call", () => {
    converge(removed("n3"));
    members.behind.add("n3");
    expect(converge(HEALTHY)?.failed).toEqual([
      { what: "membership of n3", reason: "it has no vote yet" },
    ]);
    members.behind.clear();
    expect(converge(HEALTHY)?.failed).toEqual([]);
    expect(members.voters).toEqual(["n1", "n2", "n3"]);
  });

  test("the heal at the end takes over from a call that is still under way", () => {
    members.leader = undefined;
    let first: ConvergeOutcome | undefined;
    target.converge(removed("n3", "disk-lost"), (outcome) => (first = outcome));
    clock.advance(100);
    members.leader = "n1";
    expect(converge(HEALTHY)?.failed).toEqual([]);
    expect(first?.confirmed).toEqual(["n3"]);
    expect(members.voters).toEqual(["n1", "n2", "n3"]);
    expect(inner.asked.map(render)).not.toContain("n3 running+disk-lost(4:9)");
  });

  test("a call that was superseded leaves nothing behind that the heal does not see", () => {
    converge(removed("n3"));
    members.behind.add("n3");
    target.converge(HEALTHY, () => undefined);
    clock.advance(60);
    expect(converge(HEALTHY)?.failed).toHaveLength(1);
    members.behind.clear();
    expect(converge(HEALTHY)?.failed).toEqual([]);
    expect(members.voters).toEqual(["n1", "n2", "n3"]);
  });

  test("a learner that is down does not hold up a removal", () => {
    members.voters = ["n1", "n3"];
    members.learners = ["n2"];
    members.behind.add("n2");
    converge(removed("n3"));
    expect(members.voters).toEqual(["n1"]);
  });
});

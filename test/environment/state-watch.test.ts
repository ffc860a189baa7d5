import { describe, expect, test } from "vitest";
import type { TraceTransition } from "../../src/base/trace.ts";
import { StateWatch } from "../../src/environment/state-watch.ts";
import { WireWatch } from "../../src/environment/wire-watch.ts";
import type { StateSight } from "../../src/system/system.ts";

const MEMBERS = ["n1", "n2", "n3"];

/** What is told of a node that gives these answers, one after the other; an error is no answer. */
async function watch(answers: readonly (StateSight | Error)[]): Promise<{
  changes: TraceTransition[];
  roles: (string | undefined)[];
}> {
  const changes: TraceTransition[] = [];
  const roles: (string | undefined)[] = [];
  const rest = [...answers];
  const watcher = new StateWatch({
    members: MEMBERS,
    ask: () => {
      const next = rest.shift();
      if (next === undefined) watcher.stop();
      return next instanceof Error || next === undefined
        ? Promise.reject(next ?? new Error("over"))
        : Promise.resolve(next);
    },
    everyMs: 1,
    onChange: (transitions) => changes.push(...transitions),
    onSight: ({ role }) => roles.push(role),
  });
  await watcher.run();
  return { changes, roles };
}

describe("a node that is asked what it is", () => {
  test("begins with what it says first, and then only changes are told", async () => {
    const follower = { role: "follower", term: 1, votedFor: null } as const;
    const { changes } = await watch([
      follower,
      follower,
      { role: "candidate", term: 2, votedFor: "n1" },
      { role: "leader", term: 2, votedFor: "n1", votes: ["n1", "n3"] },
    ]);
    const start = { type: "start", term: 1, votedFor: null, lastIndex: 0, lastHash: 0 };
    expect(changes).toEqual([
      { ...start, members: MEMBERS },
      { type: "role", role: "follower", term: 1 },
      { type: "role", role: "candidate", term: 2 },
      { type: "vote", term: 2, candidate: "n1" },
      { type: "role", role: "leader", term: 2, votes: ["n1", "n3"] },
    ]);
  });

  test("has no role while it does not answer, and no new one when it answers again", async () => {
    const leader = { role: "leader", term: 3 } as const;
    const { changes, roles } = await watch([leader, new Error("refused"), leader]);
    expect(roles).toEqual(["leader", undefined, "leader"]);
    expect(changes.filter(({ type }) => type === "role")).toHaveLength(1);
  });

  test("is not said to have voted where a vote only was left beside a new term", async () => {
    const { changes } = await watch([
      { role: "follower", term: 1, votedFor: "n2" },
      { role: "follower", term: 4, votedFor: "n2" },
    ]);
    expect(changes.filter(({ type }) => type === "vote")).toEqual([]);
  });
});

describe("a link that is read along", () => {
  test("tells what calls prove, each fact once, and nothing of what is no JSON", () => {
    const told: unknown[] = [];
    const watch = new WireWatch({
      wire: {
        paths: ["/append"],
        facts: ({ link, request: { term } }) =>
          typeof term === "number"
            ? [{ node: link.source, transition: { type: "led", term } }]
            : [],
      },
      links: new Map([["n1-n2", { source: "n1", target: "n2" }]]),
      nameOf: () => undefined,
      onFact: (node, transition) => told.push([node, transition]),
    });
    const call = { proxy: "n1-n2", path: "/append", request: '{"term":2}' };
    for (const heard of [call, { ...call, answer: "{}" }, { ...call, request: "<html>" }])
      watch.hear(heard);
    watch.hear({ ...call, proxy: "clients-n1" });
    expect(told).toEqual([["n1", { type: "led", term: 2 }]]);
  });
});

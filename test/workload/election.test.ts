import { expect, test } from "vitest";
import { type Sight, whoLeads } from "../../src/workload/election.ts";

const sight = (node: string, role: Sight["role"], term: number): Sight => ({ node, role, term });

test("who leads is who leads alone in the newest term, with a majority in it", () => {
  const sights = [sight("n1", "leader", 3), sight("n2", "follower", 3), sight("n3", undefined, 2)];
  expect(whoLeads(sights)).toEqual({ type: "ok", value: { leader: "n1", term: 3 }, node: "n1" });
});

test.each([
  ["nobody leads", ["candidate", "follower", "follower"], [3, 3, 3], "no-leader"],
  ["only an old one leads", ["leader", "candidate", "follower"], [2, 3, 3], "no-leader"],
  ["two lead", ["leader", "leader", "follower"], [3, 3, 3], "two-leaders"],
  ["a minority knows", ["leader", "follower", "follower"], [3, 2, 2], "no-majority"],
  ["nobody answers", [undefined, undefined, undefined], [0, 0, 0], "no-leader"],
] as const)("where %s, that is a failure", (_what, roles, terms, error) => {
  const sights = roles.map((role, i) => sight(`n${i + 1}`, role, terms[i] ?? 0));
  expect(whoLeads(sights)).toEqual({ type: "fail", error });
});

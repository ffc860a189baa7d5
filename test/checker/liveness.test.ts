import { describe, expect, test } from "vitest";
import type { CheckerRecord } from "../../checker/checker.ts";
import { createLiveness } from "../../checker/liveness.ts";
import type { TraceTransition } from "../../src/base/trace.ts";

const NODES = ["n1", "n2", "n3"];
const BUDGET = { nowMs: () => 0, deadlineMs: 1, memoryBytes: 1 };

type Line = [node: string, transition: TraceTransition] | [id: string, reason?: string];

/** n3 is cut off from n1, which leads. */
function judge(lines: readonly Line[]): string[] {
  const checker = createLiveness(NODES);
  lines.forEach((line, timeNs) => checker.observe(recordOf(line, timeNs)));
  return checker.finish(BUDGET).anomalies.map(({ sentence }) => sentence);
}

function recordOf([who, what]: Line, timeNs: number): CheckerRecord {
  if (typeof what === "object") {
    return { type: "trace", event: { timeNs, node: who, ...what } };
  }
  const sentence = "n3 is cut off from one other (n1-n3, n3-n1)";
  const cut = { sentence, nodes: ["n3"], links: ["n1-n3", "n3-n1"], kind: "liveness" };
  const outcome = what === undefined ? { phase: "confirmed" } : { phase: "failed", reason: what };
  const op = { index: timeNs, timeNs, process: "nemesis", type: "info", f: "liveness" } as const;
  return { type: "op", op: { ...op, value: { id: who, ...cut, ...outcome } } };
}

const leads = (term: number): TraceTransition => ({ type: "role", role: "leader", term });
const asks = (term: number): TraceTransition => ({ type: "role", role: "candidate", term });
const applied = (index: number, hash = 7): TraceTransition => ({
  type: "apply",
  from: index,
  hashes: [hash],
});
const before: Line[] = [
  ["n1", leads(2)],
  ["n1", applied(5)],
  ["n2", applied(5)],
  ["n3", applied(5)],
];
const served: Line[] = [...before, ["begin"], ["watch"], ["serve"]];

describe("the phase in which nothing changes", () => {
  test.each<{ what: string; lines: Line[]; expected: RegExp[] }>([
    { what: "is not in every run", lines: before, expected: [] },
    {
      what: "is quiet",
      lines: [...served, ["n1", applied(6)], ["n2", applied(6)], ["end"]],
      expected: [],
    },
    {
      what: "may end with an entry on its way that came after all was served",
      lines: [
        ...served,
        ["n1", applied(6)],
        ["n2", applied(6)],
        ["settle"],
        ["n1", applied(7)],
        ["end"],
      ],
      expected: [],
    },
    {
      what: "must not leave anyone behind with what was served",
      lines: [...served, ["n1", applied(6)], ["settle"], ["n1", applied(7)], ["end"]],
      expected: [/did not get even: n2 has applied up to entry 5, the leader n1, .*, up to 6$/],
    },
    {
      what: "knows no new term where the leader was left whole",
      lines: [...before, ["begin"], ["n3", asks(3)], ["watch"], ["serve"], ["end"]],
      expected: [
        /^while n3 is cut off .*, the majority of n1 and n2 did not come to rest: n3 asked/,
      ],
    },
    {
      what: "may begin with an election where the leader is out of it",
      lines: [["n3", leads(2)], ["begin"], ["n2", leads(3)], ["watch"], ["serve"], ["end"]],
      expected: [],
    },
    {
      what: "knows none after that",
      lines: [
        ["n3", leads(2)],
        ["begin"],
        ["n2", leads(3)],
        ["watch"],
        ["n1", asks(4)],
        ["serve"],
        ["end"],
      ],
      expected: [/n1 asked to lead, up to term 4/],
    },
    {
      what: "has operations acknowledged",
      lines: [...served, ["end", "6 of 6 operations were not"]],
      expected: [/was not served: 6 of 6 operations were not/],
    },
    {
      what: "gets those even whom the leader reaches, and only those",
      lines: [...served, ["n1", applied(6)], ["end"]],
      expected: [/n2 has applied up to entry 5, the leader n1, which reaches it, up to 6/],
    },
    {
      what: "gets their states even",
      lines: [...served, ["n1", applied(6)], ["n2", applied(6, 8)], ["end"]],
      expected: [/at entry 6 the state of n2 is not that of the leader n1/],
    },
  ])("$what", ({ lines, expected }) => {
    const found = judge(lines);
    expect(found).toHaveLength(expected.length);
    for (const [i, sentence] of found.entries()) expect(sentence).toMatch(expected[i] ?? /never/);
  });
});

import { expect, test } from "vitest";
import type { Anomaly } from "../../checker/verdict.ts";
import type { TraceEvent, TraceTransition } from "../../src/base/trace.ts";
import type { Diagram } from "../../src/report/explain/diagram.ts";
import { diagramSvg } from "../../src/report/explain/diagram-svg.ts";
import { type Explanation, explainRun } from "../../src/report/explain/explain-run.ts";
import type { FaultInterval, TimelineData } from "../../src/report/timeline-data.ts";
import { timelineOf } from "./fixtures.ts";

const S = 1e9;
const START = { type: "start", term: 0, votedFor: null, lastIndex: 0, lastHash: 0, members: [] };

function at(timeS: number, node: string, event: object): TraceEvent {
  return { timeNs: timeS * S, node, ...(event as TraceTransition) };
}

function append(term: number, role: string, from: number, ...hashes: number[]): object {
  return { type: "append", term, role, from, entries: hashes.map((hash) => [term, hash]) };
}

function commit(term: number, role: string, index: number, hash: number): object {
  return { type: "commit", term, role, index, hash };
}

/** n1 leads term 1; n3 is cut off, elects itself with a vote that n2 must not give, and overwrites entry 2. */
const TRACE: readonly TraceEvent[] = [
  ...["n1", "n2", "n3"].map((node) => at(0.1, node, START)),
  at(1, "n1", { type: "role", role: "candidate", term: 1 }),
  at(1.001, "n1", { type: "vote", term: 1, candidate: "n1" }),
  at(1.01, "n2", { type: "role", role: "follower", term: 1 }),
  at(1.011, "n2", { type: "vote", term: 1, candidate: "n1" }),
  at(1.02, "n1", { type: "role", role: "leader", term: 1, votes: ["n1", "n2"] }),
  at(1.1, "n1", append(1, "leader", 1, 101)),
  at(1.2, "n2", append(1, "follower", 1, 101)),
  at(1.21, "n3", append(1, "follower", 1, 101)),
  at(2, "n1", append(1, "leader", 2, 102)),
  at(2.1, "n2", append(1, "follower", 2, 102)),
  at(2.2, "n1", commit(1, "leader", 2, 102)),
  at(3, "n1", { type: "exit", code: null, signal: "SIGKILL", expected: true }),
  at(4, "n3", { type: "role", role: "candidate", term: 2 }),
  at(4.1, "n2", { type: "role", role: "follower", term: 2 }),
  at(4.11, "n2", { type: "vote", term: 2, candidate: "n3" }),
  at(4.2, "n3", { type: "role", role: "leader", term: 2, votes: ["n2", "n3"] }),
  at(4.3, "n3", append(2, "leader", 2, 202)),
  at(4.4, "n3", commit(2, "leader", 2, 202)),
];

const CUT: FaultInterval = {
  id: "cut",
  kind: "partition",
  sentence: "n3 is cut off",
  nodes: ["n3"],
  links: ["n1-n3", "n3-n1"],
  fromNs: 1.5 * S,
  toNs: 3.5 * S,
  confirmedNs: 1.5 * S,
  failure: null,
};

const ANOMALY: Anomaly = {
  property: "state-machine-safety",
  sentence: "n1 and n3 committed different entries at index 2",
  timeNs: 4.4 * S,
  nodes: ["n1", "n3"],
  keys: [],
  count: 1,
  evidence: [
    { timeNs: 2.2 * S, who: "n1", text: "commits entry 2", record: TRACE[13] },
    { timeNs: 4.4 * S, who: "n3", text: "commits up to 2", record: TRACE.at(-1) },
  ],
};

function explained(anomaly: Anomaly = ANOMALY, trace = TRACE): Explanation {
  const records = trace.map((event) => ({ type: "trace", event }) as const);
  const timeline: TimelineData = { ...timelineOf(records), faults: [CUT] };
  const finding = { number: 1, anomaly, checker: anomaly.property };
  return explainRun([finding], timeline, () => trace).get(1)!;
}

/** "n1 candidate of term 1 → n2 votes for n1, term 1 (RequestVote t1)" */
function arrowsOf({ events, arrows }: Diagram): string[] {
  const name = (row: number): string => `${events[row]!.column} ${events[row]!.text}`;
  return arrows.map(({ from, to, label }) =>
    typeof to === "number"
      ? `${name(from)} → ${name(to)} (${label})`
      : `${name(from)} ✕ ${to.column} (${label}: ${to.lostTo})`,
  );
}

test("causes and effects: requests, votes, entries, acknowledgements, and what was cut off", () => {
  expect(arrowsOf(explained().diagram)).toEqual([
    "n1 candidate of term 1 → n2 votes for n1, term 1 (RequestVote t1)",
    "n2 votes for n1, term 1 → n1 leader of term 1 (vote t1)",
    "n1 appends 1 → n2 appends 1 (AppendEntries t1)",
    "n1 appends 1 → n3 appends 1 (AppendEntries t1)",
    "n1 appends 2 ✕ n3 (AppendEntries t1: partition)",
    "n1 appends 2 → n2 appends 2 (AppendEntries t1)",
    "n2 appends 2 → n1 commits 2 (stored)",
    "n3 candidate of term 2 → n2 votes for n3, term 2 (RequestVote t2)",
    "n2 votes for n3, term 2 → n3 leader of term 2 (vote t2)",
  ]);
});

test("what is cut from a log, or put in its place, comes from the leader of that term; of itself a candidate asks nothing", () => {
  const install = { type: "install", term: 2, index: 9, entryTerm: 2, hash: 9, stateHash: 9 };
  const trace = [
    ...TRACE.slice(0, 18),
    at(4.15, "n3", { type: "vote", term: 2, candidate: "n3" }),
    ...TRACE.slice(18),
    at(4.4, "n2", { type: "truncate", term: 2, role: "follower", from: 2 }),
    at(4.4, "n1", { ...install, lastIndex: 9 }),
  ];
  const arrows = arrowsOf(explained(ANOMALY, trace).diagram);
  expect(arrows).toContain("n3 commits 2 → n2 removes entries from 2 on (AppendEntries t2)");
  expect(arrows).toContain("n3 commits 2 → n1 installs snapshot to 9 (InstallSnapshot t2)");
  expect(arrows.filter((arrow) => /n3 .*→ n3/.test(arrow))).toEqual([]);
});

test("the picture begins with the last stable leader's candidacy, and the evidence is numbered in it", () => {
  const { events, columns, faults, omittedEvents } = explained().diagram;
  expect(columns).toEqual(["n1", "n2", "n3"]);
  expect(events[0]).toMatchObject({ column: "n1", look: "candidate" });
  const evidence = events.filter((event) => event.evidence !== undefined);
  expect(evidence.map(({ column, text }) => `${column} ${text}`)).toEqual([
    "n1 commits 2",
    "n3 commits 2",
  ]);
  expect(omittedEvents).toBe(0);
  expect(events[faults[0]!.fromRow]?.text).toBe("appends 2");
  expect(events[faults[0]!.toRow]).toMatchObject({ column: "n3", look: "candidate" });
});

test("what has no part in it is counted, and the oldest rows give way before any evidence", () => {
  const busy = Array.from({ length: 100 }, (_, i) => [
    at(2.3 + i / 1000, "n1", append(1, "leader", 3 + i, 1000 + i)),
    at(2.3001 + i / 1000, "n2", append(1, "follower", 3 + i, 1000 + i)),
  ]).flat();
  const { diagram } = explained(ANOMALY, [...TRACE.slice(0, 14), ...busy, ...TRACE.slice(14)]);
  const texts = diagram.events.map(({ text }) => text);
  expect(texts).toContain("log 3–102 (100×)");
  const restless = Array.from({ length: 200 }, (_, i) =>
    at(2.3 + i / 1000, "n2", { type: "role", role: "follower", term: 1 }),
  );
  const long = explained(ANOMALY, [...TRACE.slice(0, 14), ...restless, ...TRACE.slice(14)]).diagram;
  expect(long.events.length).toBeLessThanOrEqual(71);
  expect(long.omittedEvents).toBeGreaterThan(100);
  expect(long.events.filter((event) => event.evidence !== undefined)).toHaveLength(2);
});

test("the logs are shown where committed entries differ, with letters that stay with their logs", () => {
  const { logDiff } = explained();
  expect(logDiff?.index).toBe(2);
  const row = logDiff?.rows.find(({ index }) => index === 2);
  expect(row?.isEqual).toBe(false);
  expect(row?.cells).toEqual([
    { type: "entry", term: 1, version: "A", isCommitted: true },
    { type: "entry", term: 1, version: "A", isCommitted: false },
    { type: "entry", term: 2, version: "B", isCommitted: true },
  ]);
});

test("a snapshot that takes the place of another log is no conflict", () => {
  const install = {
    type: "install",
    term: 2,
    index: 3,
    entryTerm: 2,
    hash: 203,
    stateHash: 1,
    lastIndex: 3,
  };
  const trace = [
    ...TRACE.slice(0, 11),
    at(2, "n1", append(1, "leader", 2, 102)),
    at(2.1, "n2", append(2, "leader", 2, 202, 203)),
    at(2.2, "n2", commit(2, "leader", 3, 203)),
    at(2.3, "n1", install),
  ];
  expect(explained({ ...ANOMALY, property: "read-index" }, trace).logDiff).toBeUndefined();
});

test("the story has 5 to 12 captions in the order of time, and ends with the violation", () => {
  const { captions } = explained();
  expect(captions.length).toBeGreaterThanOrEqual(5);
  expect(captions.length).toBeLessThanOrEqual(12);
  expect(captions.map(({ timeNs }) => timeNs)).toEqual(
    captions.map(({ timeNs }) => timeNs).toSorted((a, b) => a - b),
  );
  const texts = captions.map(({ text }) => text);
  expect(texts).toContain("Fault: n3 is cut off.");
  expect(texts).toContain("n3 becomes leader of term 2.");
  expect(texts.at(-1)).toBe(`That is the violation: ${ANOMALY.sentence}.`);
});

test("the diagram as a file stands by itself", () => {
  const svg = diagramSvg(explained().diagram, { id: "x", title: "<b>", faultKinds: [] });
  expect(svg).toMatch(/^<svg xmlns="http:\/\/www.w3.org\/2000\/svg"/);
  expect(svg).toContain("--surface:");
  expect(svg).not.toContain("<b>");
  expect(svg).not.toMatch(/NaN|undefined/);
});

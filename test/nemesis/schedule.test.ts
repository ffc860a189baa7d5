import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ConfigError } from "../../src/base/errors.ts";
import { checkScheduleFits, formatSchedule, parseSchedule } from "../../nemesis/schedule.ts";
import { formatTrigger } from "../../nemesis/trigger.ts";

const read = (yaml: string) => parseSchedule(parse(yaml), "schedule.yaml");
const readFault = (yaml: string) => read(`faults: [{ at: 1, fault: ${yaml} }]`).faults[0]?.fault;

describe("a schedule written by hand", () => {
  test("may be brief", () => {
    const schedule = read(`
      faults:
        - { at: 10, for: 5s, fault: { type: partition, shape: isolate-leader } }
        - { at: 1.5s, fault: crash }
        - { when: leader-elected, for: 500ms, fault: { type: kill, nodes: n3 } }
    `);
    expect(schedule).toEqual({
      format: "raftwreck-schedule",
      version: 1,
      seed: "schedule",
      faults: [
        {
          id: "partition-1",
          lane: "partition",
          atMs: 10_000,
          forMs: 5000,
          fault: { type: "partition", shape: "isolate-leader", mode: "refuse" },
        },
        {
          id: "kill-1",
          lane: "kill",
          atMs: 1500,
          forMs: null,
          fault: { type: "kill", nodes: "random" },
        },
        {
          id: "kill-2",
          lane: "kill",
          when: { type: "leader-elected", count: 1 },
          forMs: 500,
          fault: { type: "kill", nodes: ["n3"] },
        },
      ],
    });
  });

  test("may be no more than a list", () => {
    expect(parseSchedule([{ at: 1, fault: "pause" }], "list").faults).toHaveLength(1);
  });

  test("may have a number as its seed", () => {
    expect(read("{ seed: 42, version: 1, faults: [] }").seed).toBe("42");
  });

  test.each([["for: end"], ["for: null"], ["forMs: null"]])("%s lasts to the end", (text) => {
    expect(read(`faults: [{ at: 1, fault: kill, ${text} }]`).faults[0]?.forMs).toBeNull();
  });

  test.each([
    ["partition", { type: "partition", shape: "random-halves", mode: "refuse" }],
    [
      "{ type: partition, shape: bridge, of: leader, mode: drop }",
      { type: "partition", shape: "bridge", of: "leader", mode: "drop" },
    ],
    ["{ type: cuts, links: [n1-n2, n1-n2] }", { type: "cuts", links: ["n1-n2"], mode: "refuse" }],
    ["flap", { type: "flap", links: { of: "leader" }, mode: "refuse", periodMs: 400 }],
    ["latency", { type: "latency", links: "all", latencyMs: 100, jitterMs: 0 }],
    [
      "{ type: latency, latency: 200, jitter: 20ms, links: { of: random-follower } }",
      { type: "latency", links: { of: "follower" }, latencyMs: 200, jitterMs: 20 },
    ],
    [
      "{ type: latency, latencyMs: 30, links: all }",
      { type: "latency", links: "all", latencyMs: 30, jitterMs: 0 },
    ],
    ["{ type: bandwidth, rate: 0 }", { type: "bandwidth", links: "all", rateKbytesPerSecond: 0 }],
    ["bandwidth", { type: "bandwidth", links: "all", rateKbytesPerSecond: 20 }],
    [
      "{ type: slice, averageBytes: 8 }",
      { type: "slice", links: "all", averageBytes: 8, delayUs: 1000 },
    ],
    ["{ type: reset, after: 1s }", { type: "reset", links: "all", afterMs: 1000 }],
    ["{ type: lose-answers, links: [n1-n2] }", { type: "lose-answers", links: ["n1-n2"] }],
    ["{ type: pause, nodes: [a, b, a] }", { type: "pause", nodes: ["a", "b"] }],
    ["power-cut", { type: "power-cut", nodes: "majority" }],
    ["restart-storm", { type: "restart-storm", nodes: "random", periodMs: 2000 }],
    ["stop", { type: "stop", nodes: "random" }],
    ["{ type: unplug, nodes: leader }", { type: "unplug", nodes: "leader" }],
    ["slow-cpu", { type: "slow-cpu", nodes: "random", cores: 0.1 }],
    ["clock", { type: "clock", nodes: "random", jumpMs: 2000, rate: 1 }],
    ["{ type: clock, rate: 0.5 }", { type: "clock", nodes: "random", jumpMs: 0, rate: 0.5 }],
    [
      "{ type: clock, nodes: leader, jump: -2s, rate: 2 }",
      { type: "clock", nodes: "leader", jumpMs: -2000, rate: 2 },
    ],
    ["{ type: clock, jump: -50 }", { type: "clock", nodes: "random", jumpMs: -50, rate: 1 }],
    ["disk-full", { type: "disk-full", nodes: "random" }],
    ["slow-disk", { type: "slow-disk", nodes: "random", delayMs: 100 }],
    [
      "{ type: slow-disk, delay: 1s, nodes: all }",
      { type: "slow-disk", nodes: "all", delayMs: 1000 },
    ],
    ["memory", { type: "memory", nodes: "random", limitMb: 24 }],
    ["client-link", { type: "client-link", nodes: "all", trouble: "refuse", latencyMs: 200 }],
  ])("fault %s", (yaml, expected) => {
    expect(readFault(yaml)).toEqual(expected);
  });

  test.each([
    ["leader-elected", { type: "leader-elected", count: 1 }],
    ["leader-elected 3 times", { type: "leader-elected", count: 3 }],
    ["commit-index >= 100", { type: "commit-index", atLeast: 100 }],
    ["term>=3", { type: "term", atLeast: 3 }],
    ["2s after kill-3 healed", { type: "healed", entry: "kill-3", delayMs: 2000 }],
    ["after kill-3 healed", { type: "healed", entry: "kill-3", delayMs: 0 }],
  ])("when: %s", (when, expected) => {
    const value = [
      { when, fault: "kill" },
      { when: expected, fault: "kill" },
      { id: "kill-3", at: 1, fault: "kill" },
    ];
    const { faults } = parseSchedule(value, "list");
    expect(faults[0]).toMatchObject({ when: expected });
    expect(faults[1]).toMatchObject({ when: expected });
  });

  test("formatted triggers are read as what they were", () => {
    const triggers = [
      { type: "leader-elected", count: 1 },
      { type: "leader-elected", count: 2 },
      { type: "commit-index", atLeast: 7 },
      { type: "term", atLeast: 3 },
      { type: "healed", entry: "x", delayMs: 250 },
    ] as const;
    for (const trigger of triggers) {
      const value = [
        { when: formatTrigger(trigger), fault: "kill" },
        { id: "x", at: 1, fault: "kill" },
      ];
      expect(parseSchedule(value, "list").faults[0]).toMatchObject({ when: trigger });
    }
  });
});

describe("a schedule file that is wrong is refused with the place and what to write", () => {
  test.each([
    ["[1]", "faults[0]: 1 is not a record of keys and values"],
    ["hello", '"hello" is not a record of keys and values'],
    ["{}", "faults: is missing"],
    ["faults: 3", "faults: 3 is not a list"],
    ["{ faults: [], fualts: 1 }", 'fualts: unknown key: did you mean "faults"?'],
    ["{ faults: [], x: 1 }", "x: unknown key; known are format, version, seed, faults"],
    [
      "{ faults: [], version: 2 }",
      "version: 2 is not a version that this program reads (it reads 1)",
    ],
    ["{ faults: [], seed: [] }", "seed: [] is not a text"],
    [
      "{ faults: [], format: jepsen }",
      'format: "jepsen" is not known (write one of raftwreck-schedule)',
    ],
    [
      "[{ at: 1, for: abc, fault: kill }]",
      'faults[0].for: "abc" is not a duration (write 10, "10s" or "500ms", 24 days at most)',
    ],
    [
      "[{ at: [1], fault: kill }]",
      'faults[0].at: [1] is not a duration (write 10, "10s" or "500ms", 24 days at most)',
    ],
    ["[{ at: 1, for: 0, fault: kill }]", "faults[0].for: a fault has to last longer than nothing"],
    ["[{ at: 1, atMs: 1, fault: kill }]", "faults[0].at: give either at or atMs, not both"],
    ["[{ atMs: -1, fault: kill }]", "faults[0].atMs: -1 is not a number of at least 0"],
    ["[{ at: 1 }]", "faults[0].fault: is missing"],
    ["[{ fault: kill }]", "faults[0].at: is missing (write at: 10, or when: leader-elected)"],
    [
      "[{ at: 1, when: leader-elected, fault: kill }]",
      "faults[0].when: give either at or when, not both",
    ],
    [
      "[{ when: full moon, fault: kill }]",
      'faults[0].when: "full moon" is not a trigger (write leader-elected, "commit-index >= 100", "term >= 3" or "2s after kill-1 healed")',
    ],
    [
      "[{ when: soon after x healed, fault: kill }]",
      'faults[0].when: "soon" is not a duration (write 10, "10s" or "500ms", 24 days at most)',
    ],
    ["[{ when: { type: term }, fault: kill }]", "faults[0].when.atLeast: is missing"],
    [
      "[{ when: { type: term, atLeast: 1.5 }, fault: kill }]",
      "faults[0].when.atLeast: 1.5 is not a whole number",
    ],
    [
      "[{ when: after kil-2 healed, fault: kill, id: x }, { at: 1, fault: kill }]",
      'faults[0].when: no other entry has the id "kil-2": did you mean "kill-2"?',
    ],
    [
      "[{ at: 1, id: a, fault: kill }, { at: 1, id: a, fault: kill }]",
      'faults[1].id: "a" is also the id of faults[0]',
    ],
    ["[{ at: 1, id: a b, fault: kill }]", 'faults[0].id: "a b" has spaces in it'],
    ["[{ at: 1, fault: kil }]", 'faults[0].fault.type: "kil" is not known: did you mean "kill"?'],
    [
      "[{ at: 1, fault: { type: kill, node: n1 } }]",
      'faults[0].fault.node: unknown key: did you mean "nodes"?',
    ],
    [
      "[{ at: 1, fault: { type: kill, nodes: laeder } }]",
      'faults[0].fault.nodes: "laeder" is not a choice of nodes: did you mean "leader"?',
    ],
    [
      "[{ at: 1, fault: { type: kill, nodes: 3 } }]",
      "faults[0].fault.nodes: 3 is not a choice of nodes (write one of leader, follower, random, minority, majority, all, or a list of nodes)",
    ],
    ["[{ at: 1, fault: { type: kill, nodes: [] } }]", "faults[0].fault.nodes: names no node"],
    ["[{ at: 1, fault: { type: kill, nodes: [1] } }]", "faults[0].fault.nodes[0]: 1 is not a text"],
    ["[{ at: 1, fault: { type: cuts } }]", "faults[0].fault.links: is missing"],
    ["[{ at: 1, fault: { type: cuts, links: [] } }]", "faults[0].fault.links: names no link"],
    [
      "[{ at: 1, fault: { type: cuts, links: [n1] } }]",
      'faults[0].fault.links[0]: "n1" is not a link (write "n1-n2" for n1 calling n2)',
    ],
    [
      "[{ at: 1, fault: { type: latency, links: some } }]",
      'faults[0].fault.links: "some" is not a choice of links (write all, a list such as ["n1-n2"], or { of: leader })',
    ],
    [
      "[{ at: 1, fault: { type: latency, links: { of: n1, x: 1 } } }]",
      "faults[0].fault.links.x: unknown key; known are of",
    ],
    [
      "[{ at: 1, fault: { type: clock, jump: 0, rate: 1 } }]",
      "faults[0].fault: changes nothing about the clock",
    ],
    [
      "[{ at: 1, fault: { type: clock, jump: -2h } }]",
      "faults[0].fault.jump: is more than an hour",
    ],
    [
      "[{ at: 1, fault: { type: clock, jump: -x } }]",
      'faults[0].fault.jump: "-x" is not a duration (write 10, "10s" or "500ms", 24 days at most)',
    ],
    [
      "[{ at: 1, fault: { type: clock, rate: 0 } }]",
      "faults[0].fault.rate: 0 is not a number from 0.1 to 10",
    ],
    [
      "[{ at: 1, fault: { type: slow-disk, delay: 2h } }]",
      "faults[0].fault.delay: is longer than an hour",
    ],
    [
      "[{ at: 1, fault: { type: partition, shape: isolate-leader, of: n3 } }]",
      "faults[0].fault.of: means nothing for isolate-leader (write a shape such as isolate-one)",
    ],
    [
      "[{ at: 1, fault: { type: partition, shape: bridge, of: [n2, n3] } }]",
      "faults[0].fault.of: names 2 nodes, but bridge is about one",
    ],
    [
      "[{ at: 1, fault: { type: latency, latency: 10, jitter: 20 } }]",
      "faults[0].fault.jitter: is more than the latency",
    ],
    [
      "[{ at: 1, fault: { type: latency, latency: 2h } }]",
      "faults[0].fault.latency: is longer than an hour",
    ],
    [
      "[{ at: 1, fault: { type: flap, period: 5 } }]",
      "faults[0].fault.period: is shorter than 20 ms",
    ],
    [
      "[{ at: 1, fault: { type: slice, averageBytes: 0 } }]",
      "faults[0].fault.averageBytes: 0 is not a number from 1 to 1000000000",
    ],
    [
      "[{ at: 1, fault: { type: partition, mode: refuse, shape: ring } }]",
      'faults[0].fault.shape: "ring" is not known (write one of halves, random-halves, isolate-one, isolate-leader, majorities-ring, bridge, one-way, random-links)',
    ],
  ])("%s", (yaml, complaint) => {
    const parsed = () => parseSchedule(parse(yaml), "schedule.yaml");
    expect(parsed).toThrow(new ConfigError(`schedule.yaml: ${complaint}`));
    expect(parsed).toThrow(ConfigError);
  });

  test("a long value is shown cut short", () => {
    expect(() => parseSchedule("x".repeat(100), "f")).toThrow(/^f: "x{56}… is not a record/);
  });
});

describe("a schedule that does not fit the cluster", () => {
  const nodes = ["n1", "n2", "n3"];
  const cluster = { nodes, hasClientLinks: false, surroundings: "attached" } as const;
  test.each([
    ["{ type: kill, nodes: n4 }", '"n4" is not in this cluster of n1, n2, n3'],
    ["{ type: cuts, links: [n1-n4] }", '"n1-n4" is not in this cluster of n1, n2, n3'],
    ["{ type: lose-answers, links: { of: [x] } }", '"x" is not in this cluster of n1, n2, n3'],
    ["client-link", "the links from the clients are not proxied in this run"],
    [
      "slow-cpu",
      'the fault "slow-cpu" needs nodes that the run has started itself, with --environment docker',
    ],
    [
      "disk-full",
      'the fault "disk-full" needs bundled nodes that the run has started itself, with --environment sim, local or docker',
    ],
  ])("%s", (fault, complaint) => {
    const schedule = read(`faults: [{ at: 1, fault: ${fault} }]`);
    expect(() => checkScheduleFits(schedule, cluster, "s.yaml")).toThrow(
      new ConfigError(`s.yaml: faults[0].fault: ${complaint}`),
    );
  });

  test("is told from one that does", () => {
    const schedule = read("faults: [{ at: 1, fault: { type: cuts, links: [n1-n3] } }]");
    checkScheduleFits(schedule, cluster, "s.yaml");
  });
});

test("a schedule is written with one entry a line", () => {
  expect(formatSchedule(read("faults: [{ at: 1, for: 2, fault: kill }]"))).toBe(`{
  "format": "raftwreck-schedule",
  "version": 1,
  "seed": "schedule",
  "faults": [
    {"id":"kill-1","lane":"kill","atMs":1000,"fault":{"type":"kill","nodes":"random"},"forMs":2000}
  ]
}
`);
  const empty = read("faults: []");
  expect(parseSchedule(JSON.parse(formatSchedule(empty)), "empty")).toEqual(empty);
});

test("the example in the README is a schedule", () => {
  const readme = readFileSync(new URL("../../nemesis/README.md", import.meta.url), "utf8");
  const [, example] = /```yaml\n([\s\S]*?)```/.exec(readme) ?? [];
  expect(read(example ?? "").faults.map(({ id }) => id)).toEqual([
    "partition-1",
    "latency-1",
    "kill-1",
    "partition-2",
  ]);
});

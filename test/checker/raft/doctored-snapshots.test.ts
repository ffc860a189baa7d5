import { describe, expect, test } from "vitest";
import { hashOf, markOf, NODES, stateOf, ToldTrace } from "./told-trace.ts";

// As in doctored.test.ts, for what snapshots, changes of members and reads bring with them.

const LOG = "1a 1b 1c";

/** n1 leads term 1; "1a 1b 1c" is on n1 and n2, durable, committed and applied; n3 knows nothing yet. */
function applied(): ToldTrace {
  const trace = ToldTrace.withLeader();
  for (const node of ["n1", "n2"]) trace.append(node, 1, 1, LOG);
  for (const node of ["n1", "n2"]) trace.commit(node, 1, LOG).apply(node, 1, LOG);
  return trace;
}

type Doctor = (trace: ToldTrace) => ToldTrace;

describe("legal runs with snapshots", () => {
  test.each<[string, Doctor]>([
    ["a snapshot of what was applied", (t) => t.snapshot("n1", LOG).snapshot("n2", "1a 1b")],
    [
      "a restart from a snapshot, the log compacted away",
      (t) =>
        t
          .snapshot("n2", LOG)
          .start("n2", 1, LOG, "n1", { snapshot: markOf(LOG) })
          .append("n1", 1, 4, "1a 1b 1c 1d")
          .append("n2", 1, 4, "1a 1b 1c 1d")
          .commit("n1", 1, "1a 1b 1c 1d")
          .commit("n2", 1, "1a 1b 1c 1d")
          .apply("n2", 4, "1a 1b 1c 1d")
          .follow("n3", 1),
    ],
    [
      "a snapshot in place of an empty log counts as a durable copy",
      (t) =>
        t
          .install("n3", 1, LOG)
          .append("n1", 1, 4, "1a 1b 1c 1d")
          .append("n3", 1, 4, "1a 1b 1c 1d")
          .commit("n1", 1, "1a 1b 1c 1d")
          .commit("n3", 1, "1a 1b 1c 1d")
          .apply("n3", 4, "1a 1b 1c 1d")
          .follow("n2", 1),
    ],
    [
      "a snapshot in place of a log that went another way",
      (t) =>
        t
          .follow("n3", 2)
          .append("n3", 2, 1, "2x 2y 2z 2w")
          .follow("n3", 3)
          .install("n3", 3, LOG)
          .start("n3", 3, LOG, null, { snapshot: markOf(LOG) }),
    ],
    [
      "entries that follow on the snapshot remain",
      (t) =>
        t
          .append("n3", 1, 1, "1a 1b 1c 1d")
          .install("n3", 1, LOG, { lastIndex: 4 })
          .start("n3", 1, "1a 1b 1c 1d", null, { snapshot: markOf(LOG) }),
    ],
    [
      "a snapshot that reached the disk just before a crash, its line lost, on a log that went another way",
      (t) =>
        t
          .follow("n3", 2)
          .append("n3", 2, 1, "2x 2y 2z 2w")
          .start("n3", 2, LOG, null, { snapshot: markOf(LOG) })
          .commit("n3", 2, LOG),
    ],
    [
      "a snapshot of one's own that reached the disk just before a crash, its line lost",
      (t) => t.start("n2", 1, LOG, "n1", { snapshot: markOf(LOG) }),
    ],
    [
      "what a snapshot covers need not be in the log",
      (t) =>
        t
          .append("n2", 1, 4, "1a 1b 1c 1d")
          .snapshot("n2", LOG)
          .start("n2", 1, "1a 1b 1c 1d", "n1", { snapshot: markOf(LOG) }),
    ],
    [
      "a leader elected with a log that begins after a snapshot",
      (t) =>
        t
          .install("n3", 1, LOG)
          .elect("n3", 2, ["n3", "n2"])
          .append("n3", 2, 4, "1a 1b 1c 2d")
          .append("n2", 2, 4, "1a 1b 1c 2d")
          .commit("n3", 2, "1a 1b 1c 2d"),
    ],
  ])("%s", (_, tell) => {
    const trace = tell(applied());
    expect(trace.violations()).toEqual({});
    // Whatever line is read first: each node's trace as a whole, in both orders of the nodes.
    for (const order of [NODES, [...NODES].reverse()]) {
      const apart = new ToldTrace();
      for (const node of order) apart.events.push(...trace.events.filter((e) => e.node === node));
      expect(apart.violations()).toEqual({});
    }
  });
});

describe("snapshots that break a property", () => {
  test.each<[string, string, RegExp, Doctor]>([
    [
      "labelled with a later index than its state",
      "state-machine-safety",
      /n2 has another state in its snapshot of index 3 than n1/,
      (t) => t.snapshot("n2", LOG, { stateHash: stateOf("1a 1b") }),
    ],
    [
      "of more than was applied",
      "state-machine-safety",
      /n2 took a snapshot of entry 4 .* although it had applied only 3/,
      (t) => t.append("n2", 1, 4, "1a 1b 1c 1d").snapshot("n2", "1a 1b 1c 1d"),
    ],
    [
      "with another log hash than its entry",
      "state-machine-safety",
      /n2 took a snapshot of entry 3 .* does not belong to the entry/,
      (t) => t.snapshot("n2", LOG, { hash: 99 }),
    ],
    [
      "with another term than its entry",
      "state-machine-safety",
      /does not belong to the entry/,
      (t) => t.snapshot("n2", LOG, { entryTerm: 0 }),
    ],
    [
      "installed, of a log that was never committed",
      "state-machine-safety",
      /n1 and n3 committed different entries at index 3 or before/,
      (t) => t.install("n3", 1, "1a 1b 1x", { stateHash: stateOf(LOG) }),
    ],
    [
      "installed, with another state",
      "state-machine-safety",
      /n3 has another state in its snapshot of index 3 than n1/,
      (t) => t.install("n3", 1, LOG, { stateHash: 7 }),
    ],
    [
      "found on disk, of a log that was never committed",
      "state-machine-safety",
      /committed different entries at index 3/,
      (t) =>
        t.start("n3", 1, "1a 1b 1x", null, {
          snapshot: { ...markOf("1a 1b 1x"), stateHash: stateOf(LOG) },
        }),
    ],
    [
      "an old one accepted",
      "monotonic-state",
      /n2 installed an old snapshot of entry 2 .* although its commit index was 3/,
      (t) => t.install("n2", 1, "1a 1b", { lastIndex: 3 }),
    ],
    [
      "that brings an older term",
      "monotonic-state",
      /the term of n3 went back from 5 to 1/,
      (t) => t.follow("n3", 5).install("n3", 1, LOG),
    ],
    [
      "after which entries are applied again",
      "monotonic-state",
      /n3 applied entry 2 again/,
      (t) => t.install("n3", 1, LOG).apply("n3", 2, LOG),
    ],
    [
      "found at a start, and what it covers is applied again",
      "monotonic-state",
      /n2 applied entry 1 again/,
      (t) =>
        t
          .snapshot("n2", LOG)
          .start("n2", 1, LOG, "n1", { snapshot: markOf(LOG) })
          .apply("n2", 1, LOG),
    ],
    [
      "that keeps entries of another log",
      "log-matching",
      /n3 has entries 4 to 4 after it installed a snapshot of entry 3 .* but they followed another entry/,
      (t) =>
        t
          .follow("n3", 2)
          .append("n3", 2, 1, "2x 2y 2z 2w")
          .follow("n3", 3)
          .install("n3", 3, LOG, { lastIndex: 4 }),
    ],
    [
      "found at a start below entries of another log",
      "log-matching",
      /n3 has entries 4 to 4 after it started from a snapshot of entry 3 .* followed another entry/,
      (t) =>
        t
          .follow("n3", 2)
          .append("n3", 2, 1, "2x 2y 2z 2w")
          .start("n3", 2, "2x 2y 2z 2w", null, { snapshot: markOf(LOG) }),
    ],
    [
      "that brings entries out of nowhere",
      "log-matching",
      /n3 has entries 4 to 5 .* but its log ended at 0/,
      (t) => t.install("n3", 1, LOG, { lastIndex: 5 }),
    ],
    [
      "that removes a committed entry",
      "state-machine-safety",
      /n3 removed entry 4 from its log .* which n1 had committed/,
      (t) =>
        t
          .append("n1", 1, 4, "1a 1b 1c 1d")
          .append("n3", 1, 1, "1a 1b 1c 1d")
          .commit("n1", 1, "1a 1b 1c 1d")
          .install("n3", 1, LOG),
    ],
    [
      "that removes an entry whose commit is read later",
      "state-machine-safety",
      /n3 removed entry 4 from its log .* which n1 had committed/,
      (t) =>
        t
          .append("n1", 1, 4, "1a 1b 1c 1d")
          .append("n3", 1, 1, "1a 1b 1c 1d")
          .install("n3", 1, LOG)
          .commit("n1", 1, "1a 1b 1c 1d"),
    ],
    [
      "the log wiped below it",
      "state-machine-safety",
      /n3 removed entry 2 from its log .* which it had committed/,
      (t) => t.install("n3", 1, LOG).truncate("n3", 1, 2),
    ],
    [
      "gone after a restart",
      "durability",
      /n2 restarted .* without its snapshot up to 3, which had been durable/,
      (t) => t.snapshot("n2", LOG).start("n2", 1, LOG, "n1"),
    ],
    [
      "an installed one gone after a restart",
      "durability",
      /n3 restarted .* without its snapshot up to 3/,
      (t) => t.install("n3", 1, LOG).start("n3", 1, ""),
    ],
    [
      "a log that ends before it",
      "durability",
      /n2 restarted .* with a log that ends at 1, before its own snapshot of 3/,
      (t) => t.snapshot("n2", LOG).start("n2", 1, "1a", "n1", { snapshot: markOf(LOG) }),
    ],
    [
      "a durable entry after it gone",
      "durability",
      /n2 restarted .* with a log that ends at 3, although entry 4 had been durable/,
      (t) =>
        t
          .append("n2", 1, 4, "1a 1b 1c 1d")
          .snapshot("n2", LOG)
          .start("n2", 1, LOG, "n1", { snapshot: markOf(LOG) }),
    ],
    [
      "a leader that replaces its log by one",
      "leader-append-only",
      /n1, leader of term 1, replaced its own log by a snapshot of entry 3/,
      (t) => t.install("n1", 1, LOG),
    ],
  ])("%s", (_, property, sentence, doctor) => {
    expect(doctor(applied()).violations()).toEqual({
      [property]: expect.stringMatching(sentence),
    });
  });

  test("an install is no copy of what lies above it", () => {
    const trace = applied()
      .append("n1", 1, 4, "1a 1b 1c 1d")
      .install("n3", 1, LOG)
      .commit("n1", 1, "1a 1b 1c 1d")
      .follow("n2", 1)
      .follow("n3", 1);
    expect(Object.keys(trace.violations())).toEqual(["commit-rule", "durability"]);
  });

  test("the state in a snapshot is compared whichever line comes first", () => {
    const trace = applied().install("n3", 1, LOG, { stateHash: 7 });
    trace.events.sort((a, b) => b.node.localeCompare(a.node));
    expect(Object.keys(trace.violations())).toEqual(["state-machine-safety"]);
  });
});

describe("configurations", () => {
  const FOUR = [...NODES, "n4"];

  /** "1a 1b 1c" is committed; n1 made n4 a voter in entry 4, and n2 and n3 follow. */
  function grown(): ToldTrace {
    const trace = applied().append("n3", 1, 1, LOG).start("n4", 0, "", null, { members: [] });
    trace.change("n1", 1, `${LOG} 1+`, FOUR);
    for (const node of ["n2", "n3"]) trace.change(node, 1, `${LOG} 1+`, FOUR);
    return trace;
  }
  const committed = (): ToldTrace => grown().commit("n1", 1, `${LOG} 1+`);

  /** n1 has removed itself in entry 5, led on, and committed that with entry 6. */
  function leaderRemoved(): ToldTrace {
    const trace = committed();
    const others = ["n2", "n3", "n4"];
    for (const node of NODES) trace.change(node, 1, `${LOG} 1+ 1-`, others);
    for (const node of NODES) trace.append(node, 1, 6, `${LOG} 1+ 1- 1d`);
    return trace.commit("n1", 1, `${LOG} 1+ 1- 1d`);
  }

  test.each<[string, Doctor]>([
    [
      "a voter added and another removed, one after the other",
      (t) =>
        t
          .commit("n1", 1, `${LOG} 1+`)
          .change("n1", 1, `${LOG} 1+ 1-`, ["n1", "n2", "n4"])
          .change("n2", 1, `${LOG} 1+ 1-`, ["n1", "n2", "n4"])
          .commit("n1", 1, `${LOG} 1+ 1-`),
    ],
    ["the same again in other words", (t) => t.configuration("n1", 4, [...FOUR].reverse())],
    [
      "a change rolled back with its entry",
      (t) => t.follow("n3", 3).truncate("n3", 3, 4).configuration("n3", 0, NODES).follow("n3", 4),
    ],
    [
      "a change replaced by another entry within one input",
      (t) =>
        t
          .follow("n3", 3)
          .truncate("n3", 3, 4)
          .append("n3", 3, 4, `${LOG} 3x`, false)
          .configuration("n3", 0, NODES)
          .follow("n3", 3),
    ],
    [
      "a restart with what the log says",
      (t) => t.start("n2", 1, `${LOG} 1+`, "n1", { members: FOUR }),
    ],
    [
      "a restart from a snapshot that holds it",
      (t) =>
        t
          .commit("n1", 1, `${LOG} 1+`)
          .commit("n2", 1, `${LOG} 1+`)
          .apply("n2", 4, `${LOG} 1+`)
          .snapshot("n2", `${LOG} 1+`)
          .start("n2", 1, `${LOG} 1+`, "n1", { members: FOUR, snapshot: markOf(`${LOG} 1+`) })
          .configuration("n2", 4, FOUR),
    ],
    [
      "a snapshot brings it to a new node",
      (t) =>
        t
          .commit("n1", 1, `${LOG} 1+`)
          .install("n4", 1, `${LOG} 1+`)
          .configuration("n4", 4, FOUR)
          .follow("n4", 1),
    ],
    [
      "two voters replaced by another leader's view that is not a change of its own",
      (t) => t.elect("n2", 2, ["n2", "n3", "n4"]).follow("n1", 2),
    ],
    ["a leader that removed itself leads until that is committed", () => leaderRemoved()],
    [
      "… and is told of entries by the next one",
      () => leaderRemoved().follow("n1", 2).append("n1", 2, 7, `${LOG} 1+ 1- 1d 2e`),
    ],
    [
      "a disk that is lost before its node acts on an entry",
      (t) => {
        t.events.length = t.events.findLastIndex(
          (event) => event.node === "n3" && event.type === "configuration",
        );
        return t.event("n3", { type: "disk-lost" }).start("n3", 0, "", null, { members: [] });
      },
    ],
  ])("%s is legal", (_, tell) => {
    expect(tell(grown()).violations()).toEqual({});
  });

  test.each<[string, RegExp, Doctor]>([
    [
      "a leader that removed itself and leads on",
      /n1 led although entry 5, which it had committed, gives it no vote, at/,
      () => leaderRemoved().append("n1", 1, 7, `${LOG} 1+ 1- 1d 1e`),
    ],
    [
      "two voters changed at once",
      /n1 changed more than one voter at once, from n1, n2, n3, n4 to n1, n2, at/,
      () => committed().change("n1", 1, `${LOG} 1+ 1-`, ["n1", "n2"]),
    ],
    [
      "a change before the one before is committed",
      /n1 appended a configuration while the one of entry 4 was not committed/,
      () => grown().change("n1", 1, `${LOG} 1+ 1-`, NODES),
    ],
    [
      "a change before a commit in the own term",
      /n2 appended a configuration as leader of term 2 before it had committed an entry of that term/,
      () =>
        committed()
          .commit("n2", 1, `${LOG} 1+`)
          .elect("n2", 2, ["n2", "n3", "n4"])
          .change("n2", 2, `${LOG} 1+ 2-`, ["n2", "n3", "n4"]),
    ],
    [
      "an entry that is not acted on",
      /n3 went on with the configuration n1, n2, n3 when .* entry 4 was the newest: n1, n2, n3, n4/,
      () => {
        const trace = grown();
        trace.events.splice(
          trace.events.findLastIndex((e) => e.node === "n3" && e.type === "configuration"),
          1,
        );
        return trace;
      },
    ],
    [
      "no way back when its entry is removed",
      /n3 went on with the configuration n1, n2, n3, n4 when .* that of its start was the newest: n1, n2, n3$/,
      () => grown().follow("n3", 2).truncate("n3", 2, 4).follow("n3", 3),
    ],
    [
      "another content than on other nodes",
      /n2 acts on the configuration n1, n2, n4, although entry 4 says n1, n2, n3, n4 on n1/,
      () => {
        const trace = grown();
        const at = trace.events.findIndex((e) => e.node === "n2" && e.type === "configuration");
        const other = { type: "configuration" as const, index: 4, learners: [] };
        trace.events[at] = { ...trace.events[at]!, ...other, voters: ["n1", "n2", "n4"] };
        return trace;
      },
    ],
    [
      "the configuration of an older entry",
      /n1 acts on the configuration of entry 0, although the newest in its log is in entry 4/,
      () => grown().configuration("n1", 0, NODES),
    ],
    [
      "a configuration out of nowhere",
      /n1 acts on the configuration of entry 2, although its log has none/,
      () => applied().configuration("n1", 2, NODES),
    ],
    [
      "a way back to something else",
      /n3 acts on n1, although it was started with n1, n2, n3 and its log changes nothing/,
      () => grown().follow("n3", 2).truncate("n3", 2, 4).configuration("n3", 0, ["n1"]),
    ],
    [
      "forgotten in a restart",
      /n2 restarted with the configuration n1, n2, n3, although entry 4 says n1, n2, n3, n4 on n1/,
      () => grown().start("n2", 1, `${LOG} 1+`, "n1"),
    ],
    [
      "an old one kept when a snapshot is installed",
      /n5 went on with the configuration n1, n5 .* entry 4 was the newest: n1, n2, n3, n4$/,
      () =>
        committed()
          .start("n5", 0, "", null, { members: ["n1", "n5"] })
          .install("n5", 1, `${LOG} 1+`)
          .follow("n5", 1),
    ],
    [
      "another one in an installed snapshot",
      /n4 acts on the configuration n1, n2, n3, although entry 4 says n1, n2, n3, n4 on n1/,
      () => committed().install("n4", 1, `${LOG} 1+`).configuration("n4", 4, NODES),
    ],
  ])("%s", (_, sentence, doctor) => {
    expect(doctor(ToldTrace.withLeader()).violations()).toEqual({
      configuration: expect.stringMatching(sentence),
    });
  });

  test("a commit needs a majority of the new configuration as soon as its leader acts on it", () => {
    const trace = applied().append("n3", 1, 1, LOG).start("n4", 0, "", null, { members: [] });
    trace.change("n1", 1, `${LOG} 1+`, FOUR).change("n2", 1, `${LOG} 1+`, FOUR);
    trace.commit("n1", 1, `${LOG} 1+`).follow("n3", 1).follow("n4", 1);
    expect(trace.violations()["commit-rule"]).toMatch(/only n1 and n2 held it; 3 are needed/);
  });

  test("a learner has no part in a majority", () => {
    const trace = applied().start("n4", 0, "", null, { members: [] });
    const log = `${LOG} 1+`;
    trace.change("n1", 1, log, NODES, ["n4"]).append("n4", 1, 1, LOG);
    trace.change("n4", 1, log, NODES, ["n4"]);
    trace.commit("n1", 1, log).follow("n2", 1).follow("n3", 1);
    expect(Object.keys(trace.violations())).toEqual(["commit-rule", "durability"]);
  });

  test("a learner's vote does not count", () => {
    const trace = applied().start("n4", 0, "", null, { members: [] });
    const log = `${LOG} 1+`;
    trace.append("n4", 1, 1, LOG);
    for (const node of ["n1", "n2", "n4"]) trace.change(node, 1, log, NODES, ["n4"]);
    trace.elect("n2", 2, ["n2", "n4"]);
    expect(trace.violations()["leader-quorum"]).toMatch(/only n2; 2 of 3 voters are needed/);
  });

  test("a removed leader does not count itself", () => {
    const removed = (...holders: string[]): ToldTrace => {
      const trace = applied().append("n3", 1, 1, LOG);
      for (const node of ["n1", ...holders]) trace.change(node, 1, `${LOG} 1-`, ["n2", "n3"]);
      return trace.commit("n1", 1, `${LOG} 1-`).follow("n2", 1).follow("n3", 1);
    };
    expect(removed("n2", "n3").violations()).toEqual({});
    expect(removed("n2").violations()["commit-rule"]).toMatch(/only n2 held it; 2 are needed/);
  });
});

describe("reads", () => {
  test.each<[string, Doctor]>([
    ["of all that was committed", (t) => t.ticket("n1", 1, 3).answer("n1", 1, 3)],
    ["a stale ticket that is never answered", (t) => t.ticket("n3", 1, 0).follow("n3", 2)],
    [
      "a ticket just as old as the commit",
      (t) =>
        t.ticket("n2", 1, 2, t.events.find((e) => e.type === "commit")!.timeNs).answer("n2", 1, 3),
    ],
    [
      "a ticket of an earlier life",
      (t) => t.ticket("n2", 1, 0).start("n2", 1, LOG, "n1").answer("n2", 1, 3),
    ],
    [
      "a commit that comes after the ticket",
      (t) =>
        t
          .ticket("n1", 1, 3)
          .append("n1", 1, 4, `${LOG} 1d`)
          .append("n2", 1, 4, `${LOG} 1d`)
          .commit("n1", 1, `${LOG} 1d`)
          .answer("n1", 1, 3),
    ],
  ])("%s are legal", (_, tell) => {
    expect(tell(applied()).violations()).toEqual({});
  });

  test("an answer from a state that is too old", () => {
    expect(applied().ticket("n1", 1, 3).answer("n1", 1, 2).violations()).toEqual({
      "read-index":
        "n1 answered reads at 0.00 s from the state after entry 2, although they had to wait for entry 3",
    });
  });

  const stale = {
    "read-index":
      "n3 answered reads that came in by 0.00 s after waiting for entry 2 only, although n1 had " +
      "committed entry 3 at 0.00 s",
  };

  test("a ticket below what was committed", () => {
    expect(applied().ticket("n3", 1, 2).answer("n3", 1, 3).violations()).toEqual(stale);
  });

  test("it is found too when the commits are read after the answer, in any order of nodes", () => {
    const trace = applied().ticket("n3", 1, 2).answer("n3", 1, 3);
    trace.events.sort((a, b) => b.node.localeCompare(a.node));
    // n2's commit is read first now, and it was later than n1's.
    expect(trace.violations()).toEqual({
      "read-index": stale["read-index"].replace("n1", "n2"),
    });
    trace.events.sort((a, b) => a.node.localeCompare(b.node));
    expect(trace.violations()).toEqual(stale);
  });

  test("an installed snapshot is a commit too", () => {
    const trace = new ToldTrace();
    for (const node of NODES) trace.start(node, 0, "");
    trace.install("n2", 0, LOG).ticket("n1", 1, 2).answer("n1", 1, 3);
    expect(trace.violations()).toHaveProperty("read-index");
  });
});

test("the hashes of these tests tell logs apart", () => {
  expect(new Set([LOG, "1a 1b", "1a 1b 1x", "2x 2y 2z"].map(hashOf)).size).toBe(4);
});

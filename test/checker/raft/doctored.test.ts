import { describe, expect, test } from "vitest";
import { NODES, hashOf, ToldTrace } from "./told-trace.ts";

// One trace for each way to break a property, and next to it the legal run that looks like it.

/** n1 leads term 1; "1a" is on n1 and n2, durable and committed. */
function committed(): ToldTrace {
  return ToldTrace.withLeader()
    .append("n1", 1, 1, "1a")
    .append("n2", 1, 1, "1a")
    .commit("n1", 1, "1a")
    .commit("n2", 1, "1a");
}

describe("election safety", () => {
  test("two leaders in one term", () => {
    const trace = ToldTrace.withLeader().event("n3", { type: "role", role: "leader", term: 1 });
    expect(trace.violations()["election-safety"]).toBe(
      "n1 and n3 both became leader in term 1, at 0.00 s and 0.00 s",
    );
  });

  test("two leaders at one time in different terms are legal", () => {
    expect(committed().elect("n3", 2, ["n2", "n3"]).violations()).toHaveProperty(
      "leader-completeness",
    );
    const legal = ToldTrace.withLeader().elect("n3", 2, ["n2", "n3"]);
    expect(legal.violations()).toEqual({});
  });

  test("a leader that says so twice is one leader", () => {
    const trace = ToldTrace.withLeader().event("n1", { type: "role", role: "leader", term: 1 });
    expect(trace.violations()).toEqual({});
  });
});

describe("one vote in a term", () => {
  test("a second candidate in the same term", () => {
    const trace = ToldTrace.withLeader().event("n2", { type: "vote", term: 1, candidate: "n3" });
    expect(trace.violations()).toEqual({
      "vote-once": "n2 voted twice in term 1: for n1 at 0.00 s and for n3 at 0.00 s",
    });
  });

  test("is not two where the disk was lost between: that is another server of the same name", () => {
    const trace = ToldTrace.withLeader()
      .event("n2", { type: "disk-lost" })
      .start("n2", 0, "", null)
      .event("n2", { type: "vote", term: 1, candidate: "n3" });
    expect(trace.violations()["vote-once"]).toBeUndefined();
  });

  test("… but what it does after that binds it, even if it repeats what it did before", () => {
    const stranger = ToldTrace.withLeader()
      .event("n2", { type: "disk-lost" })
      .start("n2", 0, "", null)
      .event("n2", { type: "vote", term: 1, candidate: "n1" });
    expect(stranger.violations()["vote-once"]).toBeUndefined();
    const twice = stranger.event("n2", { type: "vote", term: 1, candidate: "n3" });
    expect(twice.violations()["vote-once"]).toMatch(/^n2 voted twice in term 1/);
  });

  test("a vote forgotten in a crash", () => {
    const trace = ToldTrace.withLeader().start("n2", 1, "", null);
    expect(trace.violations()["vote-once"]).toMatch(
      /^n2 forgot its vote of term 1: .* says nobody$/,
    );
  });

  test("the same vote sent again, and a vote remembered over a crash, are legal", () => {
    const trace = ToldTrace.withLeader()
      .event("n2", { type: "vote", term: 1, candidate: "n1" })
      .start("n2", 1, "", "n1");
    expect(trace.violations()).toEqual({});
  });

  test("a late vote of an older term is legal", () => {
    const trace = ToldTrace.withLeader()
      .follow("n3", 3)
      .event("n3", { type: "vote", term: 2, candidate: "n2" });
    expect(trace.violations()).toEqual({});
  });
});

describe("a leader has its votes", () => {
  const leader = (votes: readonly string[], atNs?: number): ToldTrace => {
    const trace = new ToldTrace();
    for (const node of NODES) trace.start(node, 0, "");
    trace.event("n1", { type: "vote", term: 1, candidate: "n1" });
    return trace.event("n1", { type: "role", role: "leader", term: 1, votes }, atNs);
  };

  test("too few votes, one counted twice", () => {
    expect(leader(["n1", "n1"]).violations()["leader-quorum"]).toBe(
      "n1 became leader of term 1 at 0.00 s with the votes of only n1; 2 of 3 voters are needed",
    );
  });

  test("a vote of a stranger", () => {
    expect(leader(["n1", "n9"]).violations()).toHaveProperty("leader-quorum");
  });

  test("a vote that was never given is proved by a later line of that node", () => {
    const trace = leader(["n1", "n2"]).follow("n2", 1);
    expect(trace.violations()["leader-quorum"]).toMatch(/n2 gave no vote in that term$/);
  });

  test("a vote that went to another", () => {
    const trace = leader(["n1", "n2"], 500).event("n2", { type: "vote", term: 1, candidate: "n3" });
    expect(trace.follow("n2", 2).violations()).toEqual({});
    expect(
      trace.event("n2", { type: "role", role: "follower", term: 3 }, 600).violations(),
    ).toEqual({
      "leader-quorum": expect.stringMatching(/n2 had voted for n3$/),
    });
  });

  test("a vote whose line is read late, and one whose line was lost at the end, are legal", () => {
    const late = leader(["n1", "n2"], 500).event(
      "n2",
      { type: "vote", term: 1, candidate: "n1" },
      90,
    );
    expect(late.event("n2", { type: "role", role: "follower", term: 1 }, 600).violations()).toEqual(
      {},
    );
    expect(leader(["n1", "n2"]).violations()).toEqual({});
  });

  test("a leader that does not tell its votes is not judged", () => {
    const trace = ToldTrace.withLeader().event("n2", { type: "role", role: "leader", term: 2 });
    expect(trace.violations()).toEqual({});
  });
});

describe("leader append-only", () => {
  test("a leader that removes entries of its log", () => {
    const trace = ToldTrace.withLeader().append("n1", 1, 1, "1a 1b").truncate("n1", 1, 2);
    expect(trace.violations()).toEqual({
      "leader-append-only": "n1, leader of term 1, removed entries 2 to 2 of its own log at 0.00 s",
    });
  });

  test("a leader that overwrites", () => {
    const trace = ToldTrace.withLeader().append("n1", 1, 1, "1a 1b").append("n1", 1, 2, "1a 1b 1c");
    expect(trace.violations()["leader-append-only"]).toContain("overwrote entries 2 to 2");
  });

  test("a former leader may remove what it could not commit", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a 1b")
      .elect("n2", 2, ["n2", "n3"])
      .append("n2", 2, 1, "2x")
      .follow("n1", 2)
      .truncate("n1", 2, 1)
      .append("n1", 2, 1, "2x")
      .commit("n2", 2, "2x");
    expect(trace.violations()).toEqual({});
  });
});

describe("log matching", () => {
  test("one index and term with two pasts", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a 1b")
      .event("n2", { type: "append", term: 1, role: "follower", from: 1, entries: [[1, 99]] });
    expect(trace.violations()["log-matching"]).toMatch(
      /^the logs of n1 and n2 both have an entry 1 of term 1, but differ there or before/,
    );
  });

  test("a gap", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a 1b 1c")
      .append("n2", 1, 3, "1a 1b 1c");
    expect(trace.violations()["log-matching"]).toBe(
      "n2 appended entry 3 at 0.00 s although its log ended at 0: the entries between are missing",
    );
  });

  test("different entries of different terms at one index are legal", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .elect("n2", 2, ["n2", "n3"])
      .append("n2", 2, 1, "2x")
      .append("n3", 2, 1, "2x");
    expect(trace.violations()).toEqual({});
  });
});

describe("leader completeness", () => {
  test("a leader whose log ends before a committed entry", () => {
    const trace = committed().elect("n3", 2, ["n3", "n2"]);
    expect(trace.violations()).toEqual({
      "leader-completeness":
        "n3 became leader of term 2 at 0.00 s with a log that ends at 0, without entry 1 that n1 had committed in term 1",
    });
  });

  test("a leader with another entry there", () => {
    const trace = committed().follow("n3", 2).append("n3", 2, 1, "2z").elect("n3", 3, ["n3", "n2"]);
    expect(trace.violations()["leader-completeness"]).toContain(
      "with another entry, without entry 1",
    );
  });

  test("it is found too when the commit is read after the election", () => {
    const trace = committed().elect("n3", 2, ["n3", "n2"]);
    const commits = trace.events.filter(({ type }) => type === "commit");
    const rest = trace.events.filter(({ type }) => type !== "commit");
    trace.events.splice(0, trace.events.length, ...rest, ...commits);
    expect(trace.violations()).toHaveProperty("leader-completeness");
  });

  test("an old leader may learn late that its entry is committed", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a")
      .elect("n2", 2, ["n2", "n3"])
      .commit("n1", 1, "1a");
    expect(trace.violations()).toEqual({});
  });

  test("a newer leader whose log was repaired since is judged by the log it was elected with", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a 1b")
      .elect("n2", 2, ["n2", "n3"])
      .append("n2", 2, 3, "1a 1b 2c")
      .elect("n1", 3, ["n1", "n3"])
      .follow("n2", 3)
      .truncate("n2", 3, 2)
      .append("n2", 3, 2, "1a 3d")
      .event("n1", {
        type: "commit",
        term: 1,
        role: "follower",
        index: 1,
        hash: hashOf("1a"),
      });
    expect(trace.violations()["leader-completeness"]).toBeUndefined();
  });
});

describe("state machine safety", () => {
  test("two nodes commit different entries", () => {
    const trace = committed().follow("n3", 2).append("n3", 2, 1, "2z").commit("n3", 2, "2z");
    expect(trace.violations()["state-machine-safety"]).toBe(
      "n1 and n3 committed different entries at index 1 or before, at 0.00 s and 0.00 s",
    );
  });

  test("a commit beyond the own log", () => {
    const trace = ToldTrace.withLeader().commit("n2", 1, "1a");
    expect(trace.violations()["state-machine-safety"]).toContain("but its own log ends at 0");
  });

  test("a node removes what it knew to be committed", () => {
    const trace = committed().follow("n2", 2).truncate("n2", 2, 1);
    expect(trace.violations()).toEqual({
      "state-machine-safety": "n2 removed entry 1 from its log at 0.00 s, which it had committed",
    });
  });

  test.each(["before", "after"])(
    "a node removes what others committed, the commit read %s",
    (when) => {
      const trace = ToldTrace.withLeader()
        .append("n3", 1, 1, "1a")
        .append("n1", 1, 1, "1a")
        .append("n2", 1, 1, "1a");
      if (when === "before") trace.commit("n1", 1, "1a");
      trace.truncate("n3", 1, 1);
      if (when === "after") trace.commit("n1", 1, "1a");
      expect(trace.violations()["state-machine-safety"]).toBe(
        "n3 removed entry 1 from its log at 0.00 s, which n1 had committed",
      );
    },
  );

  test("a node of an older term may lose an entry that a newer leader commits with others", () => {
    // n3 still obeys the leader of term 2, while the leader of term 3 commits the entry that n3 removes.
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n3", 1, 1, "1a")
      .elect("n2", 2, ["n2", "n3"])
      .append("n2", 2, 1, "2x")
      .elect("n1", 3, ["n1", "n2"])
      .append("n1", 3, 2, "1a 3b")
      .truncate("n2", 3, 1)
      .append("n2", 3, 1, "1a 3b")
      .commit("n1", 3, "1a 3b")
      .truncate("n3", 2, 1)
      .append("n3", 2, 1, "2x");
    expect(trace.violations()).toEqual({});
  });

  const apply = (hashes: readonly number[], from = 1): Parameters<ToldTrace["event"]>[1] => ({
    type: "apply",
    from,
    hashes,
  });

  test("two nodes apply different things", () => {
    const trace = committed()
      .event("n1", apply([5]))
      .event("n2", apply([6]));
    expect(trace.violations()).toEqual({
      "state-machine-safety": "n2 applied something else at index 1 than n1 (at 0.00 s and 0.00 s)",
    });
  });

  test("a node applies something else after its restart", () => {
    const trace = committed()
      .event("n2", apply([5]))
      .start("n2", 1, "1a", "n1")
      .commit("n2", 1, "1a")
      .event("n2", apply([6]));
    expect(trace.violations()["state-machine-safety"]).toContain("before and after its restart");
  });

  test("a node applies what is not committed", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .event("n1", apply([5]));
    expect(trace.violations()["state-machine-safety"]).toContain("although its commit index was 0");
  });

  test("a restarted node applies again from the first entry", () => {
    const trace = committed()
      .event("n2", apply([5]))
      .start("n2", 1, "1a", "n1")
      .commit("n2", 1, "1a")
      .event("n2", apply([5]));
    expect(trace.violations()).toEqual({});
  });
});

describe("commit rule", () => {
  test("an entry of an older term committed by counting replicas", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a")
      .elect("n1", 2, ["n1", "n2"])
      .commit("n1", 2, "1a");
    expect(trace.violations()).toEqual({
      "commit-rule":
        "n1, leader of term 2, committed entry 1 of term 1 by counting replicas at 0.00 s",
    });
  });

  test("without a majority, proved by later lines of the others", () => {
    const trace = ToldTrace.withLeader().append("n1", 1, 1, "1a").commit("n1", 1, "1a");
    expect(trace.violations()).toEqual({});
    expect(trace.follow("n2", 1).follow("n3", 1).violations()).toEqual({
      "commit-rule":
        "n1, leader of term 1, committed entry 1 at 0.00 s when only n1 held it; 2 are needed",
      durability:
        "n1, leader of term 1, committed entry 1 at 0.00 s when it was durable only on n1; 2 are needed",
    });
  });

  test("a majority whose lines are read late is legal", () => {
    const trace = ToldTrace.withLeader();
    const line = trace.events.length;
    trace.append("n1", 1, 1, "1a").append("n2", 1, 1, "1a").commit("n1", 1, "1a").follow("n3", 1);
    expect(trace.late("n2", line).violations()).toEqual({});
  });

  test("copies that come after the commit do not count, also when they are read before it", () => {
    const trace = ToldTrace.withLeader();
    const line = trace.events.length;
    trace.append("n1", 1, 1, "1a").commit("n1", 1, "1a").follow("n2", 1).follow("n3", 1);
    expect(trace.late("n1", line).violations()).toHaveProperty("commit-rule");
  });

  test("a killed node counts with what it held", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a")
      .event("n2", { type: "exit", code: null, signal: "SIGKILL", expected: true })
      .commit("n1", 1, "1a")
      .follow("n3", 1)
      .start("n2", 1, "1a", "n1");
    expect(trace.violations()).toEqual({});
  });

  test("what cannot be decided is said in the summary", () => {
    const results = ToldTrace.withLeader().append("n1", 1, 1, "1a").commit("n1", 1, "1a").check();
    const { verdict, summary } = results.find(({ checker }) => checker === "commit-rule")!;
    expect([verdict, summary]).toEqual([
      "valid",
      expect.stringContaining("(1 of them not decidable: a trace ends before)"),
    ]);
  });
});

describe("durability", () => {
  /** n2 has "1a" durable, and then no disk any more; n3 never had it, and says so later. */
  function copyLost(): ToldTrace {
    return ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a")
      .event("n2", { type: "disk-lost" })
      .start("n2", 0, "", null, { members: [] });
  }

  test("a leader may hear late of a copy whose disk is lost by then", () => {
    const trace = copyLost().commit("n1", 1, "1a").follow("n3", 1).follow("n2", 1);
    expect(trace.violations()).toEqual({});
  });

  test("… not if it knows that the node was removed meanwhile and added again", () => {
    const trace = copyLost()
      .configuration("n1", 1, ["n1", "n3"])
      .configuration("n1", 1, NODES)
      .commit("n1", 1, "1a")
      .follow("n3", 1)
      .follow("n2", 1);
    expect(trace.violations()).toMatchObject({
      durability: expect.stringContaining("when it was durable only on n1; 2 are needed"),
      "commit-rule": expect.stringContaining("when only n1 held it; 2 are needed"),
    });
  });

  test("a commit that rests on copies in memory", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a", false)
      .commit("n1", 1, "1a")
      .follow("n2", 1)
      .follow("n3", 1);
    expect(trace.violations()).toEqual({
      durability:
        "n1, leader of term 1, committed entry 1 at 0.00 s when it was durable only on n1; 2 are needed",
    });
  });

  test("the leader's own copy may come last", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a", false)
      .append("n2", 1, 1, "1a")
      .append("n3", 1, 1, "1a")
      .commit("n1", 1, "1a")
      .durable("n1", "1a");
    for (const node of NODES) trace.follow(node, 1);
    expect(trace.violations()).toEqual({});
  });

  test("what a restart found on disk counts without another report", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n2", 1, 1, "1a", false)
      .start("n2", 1, "1a", "n1")
      .commit("n1", 1, "1a")
      .follow("n2", 1)
      .follow("n3", 1);
    expect(trace.violations()).toEqual({});
  });

  test("a restart without what had been durable", () => {
    const trace = ToldTrace.withLeader().append("n1", 1, 1, "1a 1b").start("n1", 1, "1a", "n1");
    expect(trace.violations()).toEqual({
      durability:
        "n1 restarted at 0.00 s with a log that ends at 1, although entry 2 had been durable",
    });
  });

  test("a restart with other entries", () => {
    const trace = ToldTrace.withLeader().append("n1", 1, 1, "1a 1b").start("n1", 1, "1a 1x", "n1");
    expect(trace.violations()["durability"]).toContain("with other entries up to 2 than those");
  });

  test("a restart may lose a tail that was only in memory", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .append("n1", 1, 2, "1a 1b 1c", false)
      .start("n1", 1, "1a 1b", "n1")
      .start("n1", 1, "1a", "n1");
    expect(trace.violations()).toEqual({});
  });

  test("a restart may find entries again whose removal had not reached the disk", () => {
    const trace = ToldTrace.withLeader()
      .append("n3", 1, 1, "1a 1b 1c")
      .elect("n2", 2, ["n2", "n1"])
      .append("n2", 2, 1, "2x")
      .follow("n3", 2)
      .truncate("n3", 2, 1)
      .append("n3", 2, 1, "2x", false)
      .start("n3", 2, "1a 1b 1c")
      .start("n3", 2, "1a 1b");
    expect(trace.violations()).toEqual({});
  });

  test("a log that nobody told of is taken as it is", () => {
    const trace = ToldTrace.withLeader()
      .append("n1", 1, 1, "1a")
      .start("n1", 1, "1a 1q 1r", "n1")
      .start("n2", 1, "1a 1q", "n1")
      .append("n2", 1, 3, "1a 1q 1r")
      .start("n3", 1, "1z");
    expect(trace.violations()).toEqual({});
  });

  test("a late report about a log that was replaced says nothing", () => {
    const trace = ToldTrace.withLeader()
      .append("n3", 1, 1, "1a 1b", false)
      .elect("n2", 2, ["n2", "n1"])
      .append("n2", 2, 1, "2x")
      .follow("n3", 2)
      .truncate("n3", 2, 1)
      .append("n3", 2, 1, "2x", false)
      .durable("n3", "1a 1b")
      .start("n3", 2, "");
    expect(trace.violations()).toEqual({});
  });
});

describe("monotonic state", () => {
  test.each<[string, RegExp, (trace: ToldTrace) => ToldTrace]>([
    [
      "a term that goes back",
      /term of n3 went back from 4 to 3/,
      (t) => t.follow("n3", 4).follow("n3", 3),
    ],
    [
      "a restart before the term of a vote",
      /n2 restarted .* in term 0, although it had acted in term 1/,
      (t) => t.start("n2", 0, ""),
    ],
    [
      "a commit index that goes back",
      /commit index of n2 went back from 1 to 0/,
      (t) => t.event("n2", { type: "commit", term: 1, role: "follower", index: 0, hash: 0 }),
    ],
    [
      "an entry applied twice",
      /n2 applied entry 1 again/,
      (t) => {
        const apply = { type: "apply" as const, from: 1, hashes: [5] };
        return t.event("n2", apply).event("n2", apply);
      },
    ],
    [
      "an entry left out",
      /n2 applied entry 2 without entry 1/,
      (t) => t.event("n2", { type: "apply", from: 2, hashes: [5] }),
    ],
  ])("%s", (_, sentence, doctor) => {
    expect(doctor(committed()).violations()["monotonic-state"]).toMatch(sentence);
  });

  test("a term that was only heard of may be forgotten in a crash", () => {
    expect(committed().follow("n3", 9).start("n3", 0, "").violations()).toEqual({});
  });
});

describe("exactly once", () => {
  const apply = (index: number, effect: number): Parameters<ToldTrace["event"]>[1] => ({
    type: "apply",
    from: index,
    hashes: [index],
    effects: [[index, 7, effect]],
  });
  const two = (): ToldTrace => {
    const trace = ToldTrace.withLeader();
    for (const node of ["n1", "n2"]) trace.append(node, 1, 1, "1a 1b");
    return trace.commit("n1", 1, "1a 1b").commit("n2", 1, "1a 1b");
  };

  test("an operation that takes effect at two indexes", () => {
    expect(two().event("n1", apply(1, 3)).event("n1", apply(2, 3)).violations()).toEqual({
      "exactly-once":
        "operation 3 of session 7 took effect twice: at index 1 and at index 2 (seen on n1 at 0.00 s)",
    });
  });

  test("the same entry on several nodes and after a restart is one effect", () => {
    const trace = two().event("n1", apply(1, 3)).event("n2", apply(1, 3));
    trace.start("n1", 1, "1a 1b", "n1").commit("n1", 1, "1a 1b").event("n1", apply(1, 3));
    expect(trace.event("n1", apply(2, 4)).violations()).toEqual({});
  });
});

describe("a trace that cannot be judged", () => {
  test("lines before the start of a node make every property unknown", () => {
    const results = new ToldTrace().follow("n1", 1).check();
    expect(new Set(results.map(({ verdict }) => verdict))).toEqual(new Set(["unknown"]));
    expect(results[0]!.summary).toBe("1 lines of the trace come before the start of their node");
  });

  test("a model that cannot follow makes every property unknown", () => {
    const trace = ToldTrace.withLeader().event("n1", {
      type: "append",
      term: 1,
      role: "leader",
      from: 2 ** 52,
      entries: [[1, 1]],
    });
    const results = trace.check();
    expect(results.find(({ checker }) => checker === "vote-once")).toMatchObject({
      verdict: "unknown",
      summary: expect.stringContaining("itself failed"),
    });
    expect(results.find(({ checker }) => checker === "log-matching")!.verdict).toBe("invalid");
  });

  test("the same thing again is counted, not told again", () => {
    const trace = ToldTrace.withLeader();
    for (let again = 0; again < 3; again++) {
      trace.event("n2", { type: "vote", term: 1, candidate: "n3" });
    }
    const { anomalies } = trace.check().find(({ checker }) => checker === "vote-once")!;
    expect(anomalies).toHaveLength(1);
    expect(anomalies[0]!.count).toBe(3);
  });
});

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import {
  checkHistory,
  defineConfig,
  defineFault,
  defineSystem,
  defineWorkload,
  type Op,
  renderReport,
  runTest,
  UserError,
} from "../src/library.ts";
import { tempDir } from "./store/temp-dir.ts";

const quick = { environment: "sim", nodes: 3, durationMs: 2000, nemesisIntervalMs: 800 } as const;

describe("runTest", () => {
  test("resolves with the verdict, and leaves the run's folder with its report", async () => {
    const events: string[] = [];
    const result = await runTest({
      ...quick,
      seed: "library",
      output: tempDir(),
      onEvent: ({ type }) => events.push(type),
    });
    expect(result).toMatchObject({ verdict: "valid", passed: true, exitCode: 0 });
    expect(result.plan).toMatchObject({ seed: "library", nodeCount: 3, durationMs: 2000 });
    expect(new Set(events)).toEqual(new Set(["leader", "fault", "healed"]));
    expect(readFileSync(result.reportFile, "utf8")).toContain("runTest({ seed: ");
    expect(existsSync(path.join(result.directory, "history.jsonl"))).toBe(true);
    expect(renderReport(result)).toBe(readFileSync(result.reportFile, "utf8"));
  });

  test("a violation is a result, not an error, and no pass", async () => {
    const mutant = { mutant: "commit-no-quorum", seed: "1", output: tempDir() };
    const result = await runTest({ ...quick, ...mutant, failFast: true });
    expect(result).toMatchObject({ verdict: "invalid", passed: false, exitCode: 1 });
    const expected = { ...quick, ...mutant, expect: "violation" };
    expect(await runTest(expected)).toMatchObject({ verdict: "invalid", passed: true });
  });

  test("wrecks with faults that are defined together, under their name", async () => {
    const faults = [
      { at: 0, for: "300ms", fault: { type: "pause", nodes: ["n1"] } },
      { at: 0.2, for: "300ms", fault: { type: "kill", nodes: ["n2"] } },
    ];
    const nemesis = [defineFault({ name: "one-after-the-other", faults })];
    const { plan } = await runTest({ ...quick, nemesis, seed: "1", output: tempDir() });
    expect(plan.nemesis).toEqual(["one-after-the-other"]);
    const [first, second] = plan.schedule.faults;
    expect(first).toMatchObject({
      lane: "one-after-the-other",
      forMs: 300,
      fault: faults[0]?.fault,
    });
    expect(second).toMatchObject({ id: "one-after-the-other-1.2", fault: faults[1]?.fault });
  });

  test("rejects with the reason of its signal, when what there was is on disk", async () => {
    const output = tempDir();
    const controller = new AbortController();
    const reason = new Error("enough");
    const run = runTest({
      ...quick,
      durationMs: 3_600_000,
      output,
      signal: controller.signal,
      onEvent: () => controller.abort(reason),
    });
    await expect(run).rejects.toBe(reason);
    const [line = ""] = readFileSync(path.join(output, "runs.jsonl"), "utf8").split("\n");
    expect(JSON.parse(line)).toMatchObject({ workload: "register" });
    await expect(runTest({ ...quick, output, signal: controller.signal })).rejects.toBe(reason);
  });

  test("rejects where the user's own code failed under the run", async () => {
    const workload = defineWorkload({
      name: "mine",
      createGenerator: () => ({ next: () => ({ f: "", value: null }) }),
      translation: { ask: (asked) => asked, answer: () => null },
      checkers: [],
    });
    await expect(runTest({ ...quick, workload, output: tempDir() })).rejects.toMatchObject({
      name: "EnvironmentError",
      message: "the workload mine failed: next: an operation needs a name, f",
    });
  });
});

const system = defineSystem({
  name: "mine",
  workloads: [],
  start: ({ port }) => ({ command: ["node", "server.js", String(port)] }),
});
const mute = defineWorkload({
  name: "mute",
  createGenerator: () => ({ next: () => ({ f: "take", value: null }) }),
  checkers: [],
});
const start = (): object => ({ command: ["true"] });

const hooked = {
  name: "cache-off",
  text: "cut off from its cache",
  apply: () => Promise.resolve(),
  heal: () => Promise.resolve(),
};
const together = { name: "twice", faults: [{ at: 0, for: 1, fault: "kill" }] };

describe("options that can't mean anything are answered in one sentence", () => {
  test.each<[object, string]>([
    [{ duration: 5 }, 'there is no option "duration": did you mean "durationMs"?'],
    [{ durationMs: "5s" }, "durationMs must be a number of milliseconds above 0"],
    [{ durationMs: -1 }, "durationMs must be a number of milliseconds above 0"],
    [{ nodes: 2.5 }, "nodes 2.5: write a whole number from 1 to 9"],
    [{ rate: 0 }, "rate 0: write more than 0, at most 100000"],
    [{ environment: "cloud" }, "environment must be one of auto, local, docker, sim"],
    [{ nemesis: ["kil"] }, 'unknown kind of fault "kil": did you mean "kill"?'],
    [{ mutant: "x" }, 'there is no seeded bug "x"; raftwreck list shows them'],
    [{ expect: "failure" }, "expect failure: write valid, violation or violation:PROPERTY"],
    [{ concurrency: "many" }, "concurrency many: write a number such as 10, or a multiple"],
    [
      { liveness: true },
      'liveness is for the simulator, whose time is its own: write environment: "sim" with it',
    ],
    [{ attach: "x" }, 'attach is for containers: write environment: "docker" with it'],
    [{ signal: 1 }, "signal must be an AbortSignal"],
    [{ system: "etc" }, 'did you mean "etcd"?'],
    [{ system: { name: "x" } }, "system: workloads is missing"],
    [
      { system: { ...system, name: "etcd" } },
      "system: name must not be that of a system that there is already",
    ],
    [
      { system, environment: "sim" },
      'environment: "sim" is for the bundled nodes; leave it out with system: "mine"',
    ],
    [{ system }, "workload is missing: write the path of a file such as ./workload.mjs"],
    [
      { system, workload: mute },
      'neither the workload "mute" nor the system "mine" says how the nodes are asked',
    ],
    [{ workload: "regster" }, 'did you mean "register"?'],
    [{ workload: "./nowhere.mjs" }, "workload ./nowhere.mjs: there is no such file"],
    [{ workload: { ...mute, checkers: 1 } }, "workload: checkers must be a list of checkers"],
    [{ workload: mute }, 'the workload "mute" has to say how the nodes are asked'],
    [{ workload: mute, environment: "sim" }, 'the workload "mute" needs a translation'],
    [
      { system: { name: "x", workloads: ["register"], start } },
      'system: the workload "register" needs http or createClient',
    ],
    [{ nemesis: [{ name: "x" }] }, "nemesis: text is missing (or faults, for known ones together)"],
    [{ nemesis: [{ ...together, name: "kill" }] }, "nemesis: name must not be that of a built-in"],
    [{ nemesis: [{ ...together, text: "x" }] }, "nemesis: give either faults, or text, apply and"],
    [{ nemesis: [together, { ...together }] }, 'two faults are called "twice"'],
    [
      { nemesis: [hooked, "cache-of"] },
      'unknown kind of fault "cache-of": did you mean "cache-off"?',
    ],
    [
      { nemesis: [{ ...hooked, nodes: "leadr" }] },
      '"leadr" is not a choice of nodes: did you mean "leader"?',
    ],
    [
      { nemesis: [{ ...together, faults: [{ at: 0, fault: "kill" }] }] },
      "faults[0]: write when it begins (at) and how long it lasts (for)",
    ],
    [{ ...quick, nemesis: [hooked] }, "faults of your own need nodes that the run has started"],
  ])("%j", async (options, sentence) => {
    const error = await runTest(options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(UserError);
    expect((error as Error).message).toContain(sentence);
    expect((error as Error).message).not.toContain("\n");
  });
});

describe("checkHistory", () => {
  const op = (index: number, type: Op["type"], f: string, value: unknown): Op => ({
    index,
    timeNs: index,
    process: 0,
    type,
    f,
    value,
  });
  const ops = [
    op(0, "invoke", "write", 1),
    op(1, "ok", "write", 1),
    op(2, "invoke", "read", null),
    op(3, "ok", "read", 2),
  ];

  test("judges ops that are there already", async () => {
    const { verdict, model, anomalies, ...counts } = await checkHistory(ops);
    expect({ verdict, model }).toEqual({ verdict: "invalid", model: "cas-register" });
    expect(counts).toMatchObject({ operations: 2, succeeded: 2 });
    expect(anomalies[0]?.sentence).toContain("nobody ever wrote 2");
    expect(await checkHistory(ops.slice(0, 2))).toMatchObject({ verdict: "valid" });
  });

  test("says what it can't tell", async () => {
    await expect(checkHistory([op(0, "invoke", "jump", 1)])).rejects.toThrow(
      "the history: its functions (jump) do not tell what it is about; say --model",
    );
    await expect(checkHistory(ops, { model: "mutx" })).rejects.toThrow('did you mean "mutex"?');
    await expect(checkHistory("nowhere.edn")).rejects.toThrow("nowhere.edn");
  });
});

test("what only says what a type is gives back what it was given", () => {
  const config = { duration: "5m", nodes: 3 };
  expect(defineConfig(config)).toBe(config);
});

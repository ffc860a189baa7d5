import { writeFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import yargs from "yargs";
import { BUNDLED_WORKLOADS } from "../../src/run/swarm.ts";
import { againCommand } from "../../src/commands/hunt-again.ts";
import { type HuntChoices, huntChoices, huntFlags } from "../../src/commands/hunt-flags.ts";
import { tempDir } from "../store/temp-dir.ts";

const TICKETS = "./examples/workloads/tickets.mjs";

async function chosen(args: readonly string[]): Promise<HuntChoices> {
  return huntChoices(await huntFlags(yargs([...args])).parseAsync());
}

describe("the flags of a hunt", () => {
  test.each([
    [["--seeds", "9..1"], "--seeds 9..1: write a seed such as 7"],
    [["--shard", "1/2"], "--shard needs --seeds"],
    [["--seeds", "1..3", "--shard", "5/9"], "there is no seed for it in 1..3"],
    [["--explore", "swarn"], 'did you mean "swarm"'],
    [["--mutant", "vote-twise"], 'did you mean "vote-twice"'],
    [["--find", "election-safty"], 'did you mean "election-safety"'],
    [["--workload", "banc"], 'did you mean "bank"'],
    [["--workload", "election"], "--workload election: write register, append"],
    [["--workload", "./nowhere.mjs"], "--workload ./nowhere.mjs: there is no such file"],
    [["--config", "nowhere.mjs"], "--config nowhere.mjs: there is no such file"],
    [["--workload", TICKETS, "--find", "never-thrice"], 'there is no property "never-thrice"'],
    [["--workers", "0"], "--workers 0: write a whole number of at least 1"],
  ])("refuses %j in one sentence", async (args, sentence) => {
    await expect(chosen(args)).rejects.toThrow(sentence);
  });

  test("without any: a minute from a random seed on, another one each time", async () => {
    const [one, other] = [await chosen([]), await chosen([])];
    expect(one).toMatchObject({ timeMs: 60_000, explore: "swarm", mutant: null });
    expect(one.range.to).toBeNull();
    expect(one.range.from).not.toBe(other.range.from);
  });

  test("what clients do: drawn, unless it is given, or only some can show what is sought", async () => {
    const workloads = async (...args: readonly string[]) => (await chosen(args)).workloads;
    expect(await workloads()).toBeUndefined();
    expect(await workloads("--find", "vote-once")).toEqual(BUNDLED_WORKLOADS);
    expect(await workloads("--find", "linearizability")).toEqual(["register"]);
    expect(await workloads("--find", "transactions")).toEqual(["append", "wr"]);
    expect(await workloads("--mutant", "txn-keeps-half")).toEqual(["bank"]);
    expect(await workloads("--workload", "queue", "--find", "vote-once")).toEqual(["queue"]);
  });

  test("one's own, and what it promises: from a file, or the configuration that holds it", async () => {
    const own = [{ name: "tickets", file: TICKETS }];
    const { workload, workloads, find } = await chosen(["-w", TICKETS, "--find", "never-twice"]);
    expect({ workload, workloads, find }).toEqual({
      workload: TICKETS,
      workloads: own,
      find: "never-twice",
    });
    const folder = tempDir();
    const config = path.join(folder, "hunt.config.mjs");
    const url = pathToFileURL(path.resolve(TICKETS)).href;
    writeFileSync(config, `import workload from "${url}";\nexport default { workload };\n`);
    expect((await chosen(["--config", config])).workloads).toEqual([
      { name: "tickets", file: config },
    ]);
    writeFileSync(path.join(folder, "c.yaml"), "workload: bank\n");
    expect((await chosen(["--config", path.join(folder, "c.yaml")])).workloads).toEqual(["bank"]);
    writeFileSync(path.join(folder, "d.yaml"), "system: etcd\nworkload: bank\n");
    await expect(chosen(["--config", path.join(folder, "d.yaml")])).rejects.toThrow(
      "a hunt is for the bundled nodes",
    );
  });

  test.each([
    [[]],
    [["--mutant", "vote-twice", "--find", "vote-once", "--workload", "bank"]],
    [["--duration", "2500ms", "--explore", "random"]],
    [["--seed-timeout", "7"]],
  ])("%j: whoever finds something again asks for the same", async (args) => {
    const choices = await chosen(["--seeds", "5..9", ...args]);
    const again = againCommand({ seeds: ["7"] }, choices).replace("npx raftwreck hunt ", "");
    expect(await chosen(again.split(" "))).toEqual({ ...choices, range: { from: 7, to: 7 } });
  });

  test("with seeds that end: until they do", async () => {
    expect(await chosen(["--seeds", "1..5"])).toMatchObject({ timeMs: null });
    expect(await chosen(["--seeds", "1..5", "--time", "2m"])).toMatchObject({ timeMs: 120_000 });
  });
});

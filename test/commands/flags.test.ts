import { describe, expect, test } from "vitest";
import { UsageError } from "../../src/base/errors.ts";
import { commandLine } from "../../src/cli.ts";

async function refusal(words: string): Promise<unknown> {
  try {
    return await commandLine(words.split(" ")).parseAsync();
  } catch (error) {
    return error;
  }
}

describe("a flag with a value", () => {
  test.each([
    ["run --seed a --seed b", "--seed is given 2 times: write it once"],
    ["--seed a --seed b", "--seed is given 2 times: write it once"],
    ["run -e sim -e local --environment sim", "--environment is given 3 times: write it once"],
    ["run --mutant a --mutant a", "--mutant is given 2 times: write it once"],
    ["run -o a -o b", "--output is given 2 times: write it once"],
    ["run --nodes 3 -n 5", "--nodes is given 2 times: write it once"],
    ["run --check-memory 1gb --check-memory 2gb", "--check-memory is given 2 times: write it once"],
    ["run --command a --command b", "--command is given 2 times: write it once"],
    ["hunt --seeds 1 --seeds 2", "--seeds is given 2 times: write it once"],
    ["mutants --explore swarm --explore random", "--explore is given 2 times: write it once"],
    ["check latest --model a --model b", "--model is given 2 times: write it once"],
  ])("is written once: %s", async (words, sentence) => {
    expect(await refusal(words)).toEqual(new UsageError(sentence));
  });

  test.each(["99999", "-1", "1.5", "abc"])("is a port: --ui-port=%s", async (text) => {
    for (const command of ["serve", "run -e sim -d 1"]) {
      expect(await refusal(`${command} --ui-port=${text}`)).toEqual(
        new UsageError(
          `--ui-port ${Number(text)}: write a whole number from 0 to 65535; 0 is any port that is free`,
        ),
      );
    }
  });

  test.each([
    ["run --no-seed", "seed"],
    ["run --no-output", "output"],
    ["run --no-mutant", "mutant"],
    ["run --no-workload", "workload"],
    ["run --no-environment", "environment"],
    ["run --no-nodes", "nodes"],
    ["run --no-nemesis", "nemesis"],
    ["run --no-time-limit", "time-limit"],
    ["hunt --no-seeds", "seeds"],
    ["hunt --no-find", "find"],
    ["serve --no-ui-port", "ui-port"],
    ["replay latest --no-deviations", "deviations"],
  ])("has no opposite: %s", async (words, name) => {
    expect(await refusal(words)).toEqual(
      new UsageError(`--no-${name}: --${name} takes a value; leave it out for its default`),
    );
  });
});

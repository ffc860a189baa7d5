import { expect } from "vitest";

/** Real processes are not deterministic: what shows in nine runs of ten may need a second one, or a third. */
const RUNS_MAX = 5;

export interface Found {
  readonly exitCode: number | null;
  readonly properties: readonly string[];
  readonly output: string;
}

/** Runs until a run ends with this exit code and has found this property; fails where none does. */
export async function expectFoundInFewRuns(
  { exitCode, property }: { exitCode: number; property: string },
  run: () => Promise<Found>,
): Promise<void> {
  const outputs: string[] = [];
  for (let count = 1; count <= RUNS_MAX; count++) {
    const found = await run();
    if (found.exitCode === exitCode && found.properties.includes(property)) return;
    outputs.push(found.output);
  }
  expect.fail(`${property} was not found in ${RUNS_MAX} runs:\n${outputs.join("\n")}`);
}

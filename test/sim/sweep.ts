import { expect } from "vitest";
import type { Simulated } from "../../src/run/simulate.ts";

/** How many seeds a test takes: few by default, as many as wanted by the environment variable. */
export function seedCount(variable: string, usual: number): number {
  return Number(process.env[variable] ?? usual);
}

/** What a run found, in one line for each finding; empty for a run that is as it should be. */
export function findings({ verdict, conclusion, checks, troubles }: Simulated): string[] {
  return [
    ...(verdict === "unknown" ? [conclusion] : []),
    ...checks.flatMap(({ anomalies }) =>
      anomalies.map(({ property, sentence }) => `${property}: ${sentence}`),
    ),
    ...checks.flatMap(({ checker, summary, measures }) =>
      measures !== undefined && "defect" in measures ? [`${checker}: ${summary}`] : [],
    ),
    ...troubles.map(({ sentence }) => sentence),
  ];
}

/** Fails with the findings, each with the seed that shows it again. */
export function expectNoFindings(found: readonly { seed: string; sentences: string[] }[]): void {
  const lines = found.flatMap(({ seed, sentences }) =>
    sentences.map((one) => `seed ${seed}: ${one}`),
  );
  expect(lines).toEqual([]);
}

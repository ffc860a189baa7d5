import { allLinks } from "../src/base/node-id.ts";
import type { ConvergeOutcome, DesiredState, LinkEffect } from "../nemesis/target.ts";
import type { Environment } from "../src/environment/environment.ts";
import { type Figure, quantile } from "./figure.ts";

const TOGGLES = 20;
const GOAL_MS = 200;

/** How long it takes to tear every link of a cluster apart, or to mend them all, and to see that it is so. */
export async function measurePartitions(
  where: string,
  environment: Environment,
): Promise<Figure[]> {
  const links = allLinks(environment.nodes).length;
  const refused = await measureToggles(environment, { type: "refuse" });
  const lost = await measureToggles(environment, { type: "drop", stream: "both" });
  return [
    figure(`a full partition (${links} links) in ${where}, on or off, refused`, refused),
    figure("  the same, silently lost", lost),
  ];
}

async function measureToggles(
  { nodes, target }: Environment,
  effect: LinkEffect,
): Promise<readonly number[]> {
  const torn: DesiredState = {
    links: allLinks(nodes).map((link) => ({ link, effects: [effect] })),
    nodes: [],
  };
  const whole: DesiredState = { links: [], nodes: [] };
  const times: number[] = [];
  for (let i = 0; i < TOGGLES; i++) {
    const startMs = performance.now();
    const desired = i % 2 === 0 ? torn : whole;
    const { failed } = await new Promise<ConvergeOutcome>((done) => target.converge(desired, done));
    if (failed.length > 0) throw new Error(JSON.stringify(failed));
    times.push(performance.now() - startMs);
  }
  return times.toSorted((a, b) => a - b);
}

function figure(what: string, times: readonly number[]): Figure {
  const [median = 0, slowest = 0] = [0.5, 1].map((share) => quantile(times, share));
  return {
    what,
    value: `median ${median.toFixed(0)} ms, slowest ${slowest.toFixed(0)} ms`,
    goal: `under ${GOAL_MS} ms`,
    isMet: median < GOAL_MS,
  };
}

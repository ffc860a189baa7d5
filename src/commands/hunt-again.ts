import type { Cause } from "../hunt/hunt.ts";
import { formatSeeds } from "../hunt/seeds.ts";
import type { HuntChoices } from "./hunt-flags.ts";

/** Finds it again. What a seed stands for may depend on those before it, when one learns from them. */
export function againCommand({ seeds }: Pick<Cause, "seeds">, choices: HuntChoices): string {
  const { range, shard, durationMs, explore, mutant, workload, find, seedTimeoutMs } = choices;
  const seed = Number(seeds[0]);
  const isAlone = explore !== "novelty";
  const words = [
    `--seeds ${isAlone ? seed : formatSeeds({ from: range.from, to: seed })}`,
    ...(isAlone || shard.count === 1 ? [] : [`--shard ${shard.index}/${shard.count}`]),
    ...(isAlone ? [] : ["--keep-going"]),
    ...(explore === "swarm" ? [] : [`--explore ${explore}`]),
    ...(durationMs === 20_000 ? [] : [`--duration ${durationMs}ms`]),
    ...(mutant === null ? [] : [`--mutant ${mutant}`]),
    ...(workload === null ? [] : [`--workload ${workload}`]),
    ...(find === null ? [] : [`--find ${find}`]),
    ...(seedTimeoutMs === 60_000 ? [] : [`--seed-timeout ${seedTimeoutMs}ms`]),
  ];
  return `npx raftwreck hunt ${words.join(" ")}`;
}

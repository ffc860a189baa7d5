import { CLIENTS, type ConvergeOutcome, type DesiredState } from "../../nemesis/target.ts";
import { at } from "../base/assert.ts";
import type { Proxies } from "./proxies.ts";

/**
 * Nodes that call several ports of each other: a link is all of its proxies, and in a state when all of them are.
 * Clients call the first port only.
 */
export function combineProxies(parts: readonly Proxies[]): Proxies {
  const all = async (
    act: (proxies: Proxies, isFirst: boolean) => Promise<ConvergeOutcome>,
  ): Promise<ConvergeOutcome> =>
    join(await Promise.all(parts.map((part, i) => act(part, i === 0))));
  return {
    listenOf: (link) => at(parts, 0).listenOf(link),
    applyLinks: (desired) =>
      all((proxies, isFirst) => proxies.applyLinks(isFirst ? desired : betweenNodes(desired))),
    heal: () => all((proxies) => proxies.heal()),
    reconcile: () => all((proxies) => proxies.reconcile()),
    async [Symbol.asyncDispose]() {
      await Promise.all(parts.map((proxies) => proxies[Symbol.asyncDispose]()));
    },
  };
}

function betweenNodes(desired: DesiredState["links"]): DesiredState["links"] {
  return desired.filter(({ link }) => link.source !== CLIENTS);
}

function join(outcomes: readonly ConvergeOutcome[]): ConvergeOutcome {
  const failed = outcomes.flatMap((outcome) => outcome.failed);
  const names = new Set(outcomes.flatMap(({ confirmed }) => confirmed));
  for (const { what } of failed) names.delete(what);
  return { confirmed: [...names], failed };
}

import { isOnLinks, kindOf } from "../../nemesis/kinds.ts";
import { UsageError } from "../base/errors.ts";
import type { TestPlan } from "../store/plan.ts";
import type { System } from "../system/system.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";
import type { TestOptions } from "./options.ts";
import type { Wording } from "./wording.ts";

/** What is attached to runs already as it is. */
export function refuseAttachment(options: TestOptions, { name, setting }: Wording): void {
  const { environment, attach, mutant, proxyClients = false, nemesis = [] } = options;
  if (attach === undefined) return;
  if (environment !== "docker") {
    throw new UsageError(
      `${name("attach")} is for containers: write ${setting("environment", "docker")} with it`,
    );
  }
  if (mutant !== undefined) {
    throw new UsageError(
      `${name("mutant")} does not go with ${name("attach")}: the nodes run already as they are`,
    );
  }
  if (proxyClients || hasClientLink(nemesis)) {
    throw new UsageError(
      `client links are not proxied with ${name("attach")}: clients call nodes directly`,
    );
  }
}

function hasClientLink(nemesis: NonNullable<TestOptions["nemesis"]>): boolean {
  const words = [nemesis]
    .flat()
    .flatMap((item) => (typeof item === "string" ? item.split(",") : []));
  return words.some((word) => word.trim() === "client-link");
}

/** Other people's programs are not simulated, and have no seeded bugs. */
export function refuseForeign(options: TestOptions, { name, setting }: Wording): void {
  const { environment = "local", mutant, system } = options;
  const called = typeof system === "string" ? system : (system?.name ?? "");
  if (environment === "sim") {
    throw new UsageError(
      `${setting("environment", environment)} is for the bundled nodes; leave it out with ${setting("system", called)}`,
    );
  }
  if (mutant !== undefined) {
    throw new UsageError(
      `${name("mutant")} is for the bundled nodes, not for ${setting("system", called)}`,
    );
  }
}

/** A system runs where it says how. */
export function refuseHomeless(
  { name: called, start, container }: System,
  { environment = "local", attach, image }: TestOptions,
  { name, setting }: Wording,
): void {
  if (attach !== undefined && environment === "docker") {
    throw new UsageError(
      `${setting("environment", environment)} does not go with ${name("attach")} of ${called}: its nodes run already, wherever that is`,
    );
  }
  if (attach !== undefined) return;
  if (environment === "docker" && container === undefined) {
    throw new UsageError(
      `${setting("environment", environment)}: ${called} does not say what its containers are; say it (${setting("image", "NAME")} of rafting, ` +
        `container: { image, start } of a system of your own), or leave ${name("environment")} out`,
    );
  }
  if (environment === "local" && start === undefined) {
    throw new UsageError(
      `${called} says only how its nodes are containers: write ${setting("environment", "docker")}, or give it a start for processes`,
    );
  }
  if (environment === "local" && image !== undefined) {
    throw new UsageError(
      `${name("image")} is for containers: write ${setting("environment", "docker")} with it`,
    );
  }
}

/** Somebody has to say how the nodes are asked. */
export function refuseMute(
  { name, translation, http, createClient }: OwnWorkload,
  where: { readonly system: System; readonly isBundled: boolean; readonly environment: string },
): void {
  const isHeard = translation ?? http ?? createClient;
  if (where.environment === "sim" && translation === undefined) {
    throw new UsageError(
      `the workload "${name}" needs a translation: simulated nodes speak no HTTP, only read, write, cas, delete and txn`,
    );
  }
  if (where.isBundled && isHeard === undefined) {
    throw new UsageError(
      `the workload "${name}" has to say how the nodes are asked: give it translation, http or createClient`,
    );
  }
  const { system } = where;
  if (isHeard === undefined && system.http === undefined && system.createClient === undefined) {
    throw new UsageError(
      `neither the workload "${name}" nor the system "${system.name}" says how the nodes are asked: give one of them http or createClient`,
    );
  }
}

/** Without proxies nothing can be done to links. */
export function refuseLinkFaults({ schedule }: TestPlan, { setting }: Wording): void {
  const kinds = new Set(schedule.faults.map(({ fault }) => kindOf(fault)).filter(isOnLinks));
  if (kinds.size === 0) return;
  throw new UsageError(
    `${[...kinds].join(", ")}: needs a service toxiproxy in the project; without it there are ${setting("nemesis", "kill,pause")}`,
  );
}

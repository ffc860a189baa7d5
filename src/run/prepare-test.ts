import { didYouMean } from "../../nemesis/suggest.ts";
import { type AttachOffer, lookAtProject } from "../environment/attach.ts";
import { chooseEnvironment } from "../environment/choose.ts";
import type { EnvironmentName, TestPlan } from "../store/plan.ts";
import type { OwnFault } from "../system/own-fault.ts";
import type { System } from "../system/system.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";
import { choicesFrom, knownMutant } from "./choices.ts";
import { ownFaultsOf } from "./expand-faults.ts";
import type { TestOptions } from "./options.ts";
import { createPlan } from "./plan.ts";
import {
  refuseAttachment,
  refuseForeign,
  refuseHomeless,
  refuseLinkFaults,
  refuseMute,
} from "./refusals.ts";
import { takeSystem } from "./take-system.ts";
import { takeWorkload } from "./take-workload.ts";
import { complain, type Wording } from "./wording.ts";

/** Options that were understood: all that a run needs but its seed. */
export interface PreparedTest {
  readonly system: System;
  /** Undefined: a built-in one. */
  readonly workload: OwnWorkload | undefined;
  /** Faults of the user's own, in the schedule or not. */
  readonly ownFaults: readonly OwnFault[];
  /** What there is to say about where nodes run, one line each. */
  readonly notes: readonly string[];
  /** Throws a UserError for what does not go together. */
  readonly planFor: (seed: string) => TestPlan;
}

const ENVIRONMENTS = ["auto", "local", "docker", "sim"];

/** Loads what the options name, and finds where nodes can run. Throws a UserError with one sentence where that fails. */
export async function prepareTest(options: TestOptions, wording: Wording): Promise<PreparedTest> {
  const { environment = "local", mutant } = options;
  if (!ENVIRONMENTS.includes(environment)) {
    const known = `${ENVIRONMENTS.join(", ")}${didYouMean(environment, ENVIRONMENTS)}`;
    complain(wording.name("environment"), environment, known);
  }
  const isBundled = (options.system ?? "raftwreck") === "raftwreck";
  if (isBundled) refuseAttachment(options, wording);
  else refuseForeign(options, wording);
  if (mutant !== undefined) knownMutant(mutant);
  const taken = await takeSystem(options, wording);
  const { system } = taken;
  if (!isBundled) refuseHomeless(system, options, wording);
  const { workload, own } = await takeWorkload(options, system, wording);
  if (own !== undefined) refuseMute(own, { system, isBundled, environment });
  const ownFaults = ownFaultsOf(system, [options.nemesis ?? []].flat());
  const place = await choosePlace(options, system, isBundled);
  const { offer } = place;
  return {
    system,
    workload: own,
    ownFaults,
    notes: place.notes,
    planFor(seed) {
      const attached = offer?.nodeCount;
      const at = { seed, environment: place.environment, attached };
      const chosen = { ...at, ...taken, workload, ownFaults };
      const plan = createPlan(choicesFrom(options, chosen, wording));
      if (offer?.hasProxies === false) refuseLinkFaults(plan, wording);
      return plan;
    },
  };
}

interface Place {
  readonly environment: EnvironmentName;
  readonly offer: AttachOffer | undefined;
  readonly notes: readonly string[];
}

/** Where nodes are to run, or what there is to attach to. */
async function choosePlace(
  { attach, environment = "local" }: TestOptions,
  system: System,
  isBundled: boolean,
): Promise<Place> {
  if (attach !== undefined) {
    // Of other people's nodes it is known where each is.
    if (!isBundled) return { environment: "local", offer: undefined, notes: [] };
    const offer = await lookAtProject(attach);
    return { environment: "docker", offer, notes: [offer.note] };
  }
  const { name, notes } = await chooseEnvironment(environment, system);
  return { environment: name, offer: undefined, notes };
}

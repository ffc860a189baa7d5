import os from "node:os";
import { identify, type ProcessIdentity } from "../leftovers.ts";

/** On everything that a run makes: which run it belongs to, and which process it must not outlive. */
export const RUN_LABEL = "raftwreck.run";
export const OWNER_LABEL = "raftwreck.owner";

export interface Owner extends ProcessIdentity {
  readonly host: string;
}

export function labelsOf(runId: string): Record<string, string> {
  const owner: Owner = { host: os.hostname(), ...identify(process.pid) };
  return { [RUN_LABEL]: runId, [OWNER_LABEL]: JSON.stringify(owner) };
}

/** The part of containers', networks' and volumes' names that is the run's own. */
export function namePrefix(runId: string): string {
  const plain = runId.replace("_running_", "_").replaceAll(/[^A-Za-z0-9_.-]/g, "-");
  return plain.startsWith("raftwreck") ? plain : `raftwreck-${plain}`;
}

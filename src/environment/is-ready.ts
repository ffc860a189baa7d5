import { messageOf } from "../base/errors.ts";
import type { NodeAccess, System } from "../system/system.ts";
import { probe } from "./probe.ts";
import { type Sight, waitUntil } from "./wait.ts";

/** Whether a node can be worked with, by what its system says about that; if not, what is seen instead. */
export async function isReady({ ready }: System, node: NodeAccess): Promise<true | string> {
  const [address = { host: "", port: 0 }] = Object.values(node.addresses);
  if (ready === undefined) return (await probe(address, "accepts")) ?? true;
  if (typeof ready === "function") return ready(node);
  const { status, text } = await node.request("GET", ready);
  return status === 200 ? true : `GET ${ready} answered ${status} ${text.slice(0, 200)}`;
}

const READY_DEADLINE_MS = 30_000;
/** For so long other faults wait for a node that was started again and may need others. */
const RESTART_PATIENCE_MS = 2000;

export interface ReadinessWait {
  readonly id: string;
  readonly isReady: () => Promise<true | string>;
  /** Nobody is missing for it to get ready with: it is waited for in earnest. */
  readonly isPatient: boolean;
  /** What there is to say once it has ended. */
  readonly end: () => Sight | undefined;
}

/** Throws one sentence where it does not get ready; an impatient wait just ends. */
export function waitUntilReady({ id, isPatient, ...looks }: ReadinessWait): Promise<void> {
  const patientUntilMs = isPatient ? Infinity : performance.now() + RESTART_PATIENCE_MS;
  return waitUntil(`${id} is ready`, READY_DEADLINE_MS, async () => {
    const end = looks.end();
    if (end !== undefined) return end;
    const sight = await looks.isReady().catch(messageOf);
    return performance.now() > patientUntilMs ? true : sight;
  });
}

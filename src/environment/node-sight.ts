import type { Address } from "../base/address.ts";
import { formatAddress } from "../base/address.ts";
import type { NodeSight } from "./cluster-view.ts";

const UNSEEN: NodeSight = { role: undefined, term: 0, commitIndex: 0 };

/** What a node says of itself; nothing where it does not answer in time. */
export async function nodeSight(address: Address, timeoutMs: number): Promise<NodeSight> {
  try {
    const response = await fetch(`http://${formatAddress(address)}/status`, {
      signal: AbortSignal.timeout(timeoutMs),
    });
    const { role, term, commitIndex } = (await response.json()) as NodeSight;
    return { role, term, commitIndex };
  } catch {
    return UNSEEN;
  }
}

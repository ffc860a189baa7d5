import { type Address, formatAddress } from "../base/address.ts";
import type { NodeFaults } from "../base/node-faults.ts";

export const FAULTS_PATH = "/testing/faults";
const TIMEOUT_MS = 2000;

/** Tells a bundled node what is to be wrong inside it; it answers with what it then has. */
export async function putFaults(address: Address, faults: NodeFaults): Promise<unknown> {
  const response = await fetch(`http://${formatAddress(address)}${FAULTS_PATH}`, {
    method: "PUT",
    body: JSON.stringify(faults),
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return response.json();
}

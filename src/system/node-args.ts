import { type Address, formatAddress } from "../base/address.ts";
import type { NodeId } from "../base/node-id.ts";

export interface NodeArgs {
  readonly id: NodeId;
  readonly listen: Address;
  readonly dataDirectory: string;
  readonly traceFile: string;
  /** Where it calls each of the others: proxies. */
  readonly peers: readonly (readonly [id: NodeId, address: Address])[];
  readonly mutant: string | null;
}

/**
 * The command line of a bundled node under test: its disk loses what was not synced when it is killed, and its
 * clock and disk can be broken.
 */
export function nodeArgs({ id, mutant, peers, ...rest }: NodeArgs): string[] {
  const flags = {
    "--id": id,
    "--listen": formatAddress(rest.listen),
    "--data": rest.dataDirectory,
    "--trace": rest.traceFile,
    "--disk": "volatile",
    // So often that a run of a minute sees snapshots, and followers that need one.
    "--snapshot-entries": "300",
  };
  const others = peers.flatMap(([peer, address]) => [
    "--peer",
    `${peer}=${formatAddress(address)}`,
  ]);
  const unsafe = mutant === null ? [] : ["--mutant", mutant, "--unsafe"];
  return [...Object.entries(flags).flat(), "--testing", ...others, ...unsafe];
}

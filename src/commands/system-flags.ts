import { parseAddress } from "../base/address.ts";
import { UsageError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import { nodeNames } from "../run/plan.ts";
import type { SystemOptions } from "../system/load-system.ts";
import { complain } from "./flag-complaint.ts";

/** The flags that say what is under test. */
export interface SystemFlags {
  readonly system: string;
  readonly command: string | undefined;
  readonly serializable: boolean;
  readonly attach: string | undefined;
}

/** What the system has to know to be loaded; all other flags are understood after that. */
export function systemOptions({
  system,
  command,
  serializable,
  attach,
}: SystemFlags): SystemOptions {
  const running = system === "raftwreck" ? undefined : runningNodes(attach);
  return {
    ...(command === undefined ? {} : { command }),
    ...(running === undefined ? {} : { running }),
    ...(serializable ? { serializable } : {}),
  };
}

/** "n1=host:port,n2=host:port" */
function runningNodes(text: string | undefined): SystemOptions["running"] {
  if (text === undefined) return undefined;
  const pairs = text.split(",").map((pair): [NodeId, string] => {
    const [, id = "", address = ""] = /^(n\d+)=(.+)$/.exec(pair.trim()) ?? [];
    if (parseAddress(address) === undefined) {
      complain("attach", text, "where each node is: n1=127.0.0.1:8001,n2=127.0.0.1:8002");
    }
    return [id, address];
  });
  const names = nodeNames(pairs.length);
  if (pairs.some(([id], i) => id !== names[i])) {
    complain("attach", text, `the nodes ${names.join(", ")}, in this order`);
  }
  return Object.fromEntries(pairs);
}

/** Other people's programs run as processes, or run already. */
export function checkForeign({
  system,
  environment,
  mutant,
}: {
  readonly system: string;
  readonly environment: string;
  readonly mutant: string | undefined;
}): void {
  if (environment === "docker" || environment === "sim") {
    throw new UsageError(
      `--environment ${environment} is for the bundled nodes; leave it out with --system ${system}`,
    );
  }
  if (mutant !== undefined) {
    throw new UsageError(`--mutant is for the bundled nodes, not for --system ${system}`);
  }
}

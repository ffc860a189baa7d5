import { parseAddress } from "../base/address.ts";
import { UsageError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import { checkSystem } from "../system/check-system.ts";
import { loadSystem, type SystemOptions, SYSTEMS, withImage } from "../system/load-system.ts";
import { withSafeStart } from "../system/safe-start.ts";
import type { System } from "../system/system.ts";
import type { TestOptions } from "./options.ts";
import { nodeNames } from "./plan.ts";
import { complain, type Wording } from "./wording.ts";

export interface TakenSystem {
  readonly system: System;
  /** What the plan says of it: its name, or its file. */
  readonly systemName: string;
  readonly systemOptions: SystemOptions;
}

/** What is under test, be it a value, a name or a file. */
export async function takeSystem(options: TestOptions, wording: Wording): Promise<TakenSystem> {
  const { system: given = "raftwreck" } = options;
  const systemOptions = systemOptionsOf(options, wording);
  if (typeof given === "string") {
    const mutant = options.mutant ?? null;
    const system = await loadSystem({ system: given, systemOptions, mutant });
    return { system, systemName: given, systemOptions };
  }
  const system = checkSystem(given, (sentence) => {
    throw new UsageError(`system: ${sentence}`);
  });
  if (Object.hasOwn(SYSTEMS, system.name)) {
    throw new UsageError(
      `system: name must not be that of a system that there is already, "${system.name}"`,
    );
  }
  return {
    system: withImage(withSafeStart(system), options.image),
    systemName: system.name,
    systemOptions,
  };
}

function systemOptionsOf(options: TestOptions, wording: Wording): SystemOptions {
  const { system = "raftwreck", command, image, serializable, attach } = options;
  const running = system === "raftwreck" ? undefined : runningNodes(attach, wording);
  return {
    ...(command === undefined ? {} : { command }),
    ...(image === undefined ? {} : { image }),
    ...(running === undefined ? {} : { running }),
    ...(serializable === true ? { serializable } : {}),
  };
}

/** "n1=host:port,n2=host:port" */
function runningNodes(text: string | undefined, { name }: Wording): SystemOptions["running"] {
  if (text === undefined) return undefined;
  const pairs = text.split(",").map((pair): [NodeId, string] => {
    const [, id = "", address = ""] = /^(n\d+)=(.+)$/.exec(pair.trim()) ?? [];
    if (parseAddress(address) === undefined) {
      complain(name("attach"), text, "where each node is: n1=127.0.0.1:8001,n2=127.0.0.1:8002");
    }
    return [id, address];
  });
  const names = nodeNames(pairs.length);
  if (pairs.some(([id], i) => id !== names[i])) {
    complain(name("attach"), text, `the nodes ${names.join(", ")}, in this order`);
  }
  return Object.fromEntries(pairs);
}

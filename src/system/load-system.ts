import { didYouMean } from "../../nemesis/suggest.ts";
import { UsageError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import { checkSystem } from "./check-system.ts";
import { etcdSystem } from "./etcd.ts";
import { loadDefaultExport, looksLikePath } from "./load-file.ts";
import { natsSystem } from "./nats.ts";
import { raftingSystem } from "./rafting.ts";
import { raftwreckSystem } from "./raftwreck.ts";
import { redisSentinelSystem } from "./redis-sentinel.ts";
import { withSafeStart } from "./safe-start.ts";
import type { System } from "./system.ts";

/** What a plan says of the system under test. */
export interface SystemChoice {
  /** The name of a system that is known, or the path of a file. */
  readonly system: string;
  readonly systemOptions?: SystemOptions | undefined;
  /** Of bundled nodes. */
  readonly mutant: string | null;
}

export interface SystemOptions {
  /** What starts a node, with templates such as {port}. */
  readonly command?: string;
  /** What its containers are made of. */
  readonly image?: string;
  /** Nodes that run already: where each of them is. */
  readonly running?: Readonly<Record<NodeId, string>>;
  /** Reads that any node answers from what it has. */
  readonly serializable?: boolean;
}

interface Known {
  readonly text: string;
  readonly takes: readonly (keyof SystemOptions)[];
  create(options: SystemOptions, mutant: string | null): System;
}

/** The systems that can be named. */
export const SYSTEMS: Readonly<Record<string, Known>> = {
  raftwreck: {
    text: "the bundled node, a replicated key-value store",
    takes: [],
    create: (_options, mutant) => raftwreckSystem(mutant),
  },
  rafting: {
    text: "any program that speaks the public contract rafting (elections only); needs --command, --image or --attach",
    takes: ["command", "image", "running"],
    create: ({ command, image, running }) => {
      if (command === undefined && image === undefined && running === undefined) {
        throw new UsageError(
          '--system rafting: write --command "node server.js", the program that starts a node at HOST and PORT, --image NAME with --environment docker, or --attach n1=host:port,n2=…',
        );
      }
      return raftingSystem({ command, image });
    },
  },
  etcd: {
    text: "etcd 3.4 or newer, the program etcd of this host or a container's",
    takes: ["serializable", "image"],
    create: ({ serializable = false }) => etcdSystem({ isSerializable: serializable }),
  },
  nats: {
    text: "NATS JetStream's key-value store, the program nats-server of this host or a container's",
    takes: ["serializable", "image"],
    create: ({ serializable = false }) => natsSystem({ isSerializable: serializable }),
  },
  "redis-sentinel": {
    text: "Redis with Sentinel, the programs redis-server and redis-sentinel of this host or a container's",
    takes: ["image"],
    create: () => redisSentinelSystem(),
  },
};

/** The system that is meant; throws a UserError with one sentence where there is none. */
export async function loadSystem(choice: SystemChoice): Promise<System> {
  const { system: name, systemOptions = {}, mutant } = choice;
  const known = Object.hasOwn(SYSTEMS, name) ? SYSTEMS[name] : undefined;
  refuseOptions(name, systemOptions, known?.takes ?? ["image"]);
  const { image } = systemOptions;
  if (known !== undefined) return withImage(known.create(systemOptions, mutant), image);
  if (looksLikePath(name)) {
    const own = await loadDefaultExport("--system", name, checkSystem);
    return withImage(withSafeStart(own), image);
  }
  const names = Object.keys(SYSTEMS);
  throw new UsageError(
    `--system ${name}: write ${names.join(", ")}, or the path of a file such as ./system.mjs${didYouMean(name, names)}`,
  );
}

/** In the place of the one that it names itself. */
export function withImage(system: System, image: string | undefined): System {
  if (image === undefined) return system;
  if (system.container === undefined) {
    throw new UsageError(
      `--image ${image}: ${system.name} does not say how its nodes are started in containers: give it container: { start }`,
    );
  }
  return { ...system, container: { ...system.container, image } };
}

const FLAGS: Readonly<Record<keyof SystemOptions, string>> = {
  command: "--command",
  image: "--image",
  running: "--attach n1=host:port,…",
  serializable: "--serializable",
};

function refuseOptions(
  name: string,
  options: SystemOptions,
  takes: readonly (keyof SystemOptions)[],
): void {
  for (const option of Object.keys(FLAGS) as (keyof SystemOptions)[]) {
    if (options[option] === undefined || takes.includes(option)) continue;
    const others = Object.entries(SYSTEMS).filter(([, known]) => known.takes.includes(option));
    const those = others.map(([other]) => other).join(", ");
    throw new UsageError(`${FLAGS[option]} is for --system ${those}, not for ${name}`);
  }
}

import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import type { NodeId } from "../base/node-id.ts";
import { valueOf } from "../base/assert.ts";
import { BUCKET, NatsClient } from "./nats-client.ts";
import { askNats } from "./nats-line.ts";
import { answerOf } from "./node-access.ts";
import type { NodeAccess, Place, StateSight, System } from "./system.ts";

const STREAM = `KV_${BUCKET}`;

/** JetStream keeps at most so many copies of a stream. */
const REPLICAS_MAX = 5;

/**
 * NATS JetStream's key-value store. Servers tell each other where they are, so there is one address of each, with
 * proxies behind it. Two servers talk over one connection, whoever of them made it: only a cut of both directions, or
 * one that loses messages, keeps them apart.
 */
export function natsSystem({ isSerializable }: { readonly isSerializable: boolean }): System {
  const folders = new Map<NodeId, string>();
  const joined = new Set<NodeId>();
  return {
    name: "nats",
    workloads: ["register"],
    ports: ["client", "route", "monitor"],
    peerPorts: ["route"],
    addresses: "shared",
    nodeCount: 3,
    start: (place) => {
      folders.set(place.id, place.directory);
      return {
        command: ["nats-server", "-c", "nats.conf"],
        cwd: place.directory,
        // Debian puts it where only root looks.
        env: { PATH: `${process.env["PATH"] ?? ""}:/usr/sbin` },
        files: { "nats.conf": natsConf(place) },
      };
    },
    container: {
      image: "nats:2",
      start: (place) => ({
        args: ["-c", "nats.conf"],
        cwd: place.directory,
        files: { "nats.conf": natsConf(place) },
      }),
    },
    // Once it has the bucket, a restart does not wait for the others.
    ready: async (node) => {
      if (joined.has(node.id)) return true;
      const sight = await hasBucket(node);
      if (sight === true) joined.add(node.id);
      return sight;
    },
    state: (node) => natsState(node, folders.get(node.id)),
    stateEveryMs: 200,
    // Role and term are read one after the other.
    judgedBy: "clients",
    createClient: (options) => new NatsClient(options, { confirmsReads: !isSerializable }),
    faults: ["partition", "latency", "kill", "pause"],
  };
}

function natsConf(place: Place): string {
  const { id, host, ports, advertisedHost, advertised, directory, peers } = place;
  const routes = peers.map((peer) => `"nats-route://${peer.host}:${peer.ports["route"]}"`);
  return `server_name: ${id}
listen: "${host}:${ports["client"]}"
http: "${host}:${ports["monitor"]}"
jetstream { store_dir: "${directory}" }
cluster {
  name: raftwreck
  listen: "${host}:${ports["route"]}"
  advertise: "${advertisedHost}:${advertised["route"]}"
  no_advertise: true
  routes: [${routes.join(", ")}]
}
`;
}

/** The bucket as NATS's own clients make it; whoever comes later finds it. */
async function hasBucket({ addresses, nodes }: NodeAccess): Promise<true | string> {
  const stream = {
    name: STREAM,
    subjects: [`$KV.${BUCKET}.>`],
    num_replicas: Math.min(nodes.length, REPLICAS_MAX),
    max_msgs_per_subject: 1,
    storage: "file",
    retention: "limits",
    discard: "new",
    allow_direct: true,
    deny_delete: true,
    allow_rollup_hdrs: true,
  };
  const { client } = addresses;
  if (client === undefined) return "it has no such port";
  const { text } = await askNats(client, {
    subject: `$JS.API.STREAM.CREATE.${STREAM}`,
    text: JSON.stringify(stream),
  });
  const { error, cluster } = (answerOf(0, text).json ?? {}) as {
    readonly error?: unknown;
    readonly cluster?: { readonly leader?: string };
  };
  if (error === undefined && cluster?.leader !== undefined) return true;
  return `its bucket: ${text.slice(0, 200)}`;
}

interface Sights {
  readonly account_details?: readonly {
    readonly stream_detail?: readonly {
      readonly name?: string;
      readonly cluster?: { readonly leader?: string };
    }[];
  }[];
}

/**
 * Whether it says that it leads the group of the bucket's stream, in the term that stands in that group's file; of a
 * container, whose files are not on this host, in term 0.
 */
async function natsState(
  { id, addresses }: NodeAccess,
  folder: string | undefined,
): Promise<StateSight> {
  const monitor = valueOf(new Map(Object.entries(addresses)), "monitor");
  const response = await fetch(
    `http://${monitor.host}:${monitor.port}/jsz?accounts=true&streams=true`,
    { signal: AbortSignal.timeout(1000) },
  );
  const { account_details: accounts = [] } = (await response.json()) as Sights;
  const streams = accounts.flatMap(({ stream_detail: details = [] }) => details);
  const stream = streams.find(({ name }) => name === STREAM);
  if (stream === undefined) throw new Error("it has no bucket");
  const role = stream.cluster?.leader === id ? "leader" : "follower";
  return { role, term: folder === undefined ? 0 : termIn(folder) };
}

/** Eight bytes of term, then whom it voted for. 0 where there is no such file yet. */
function termIn(folder: string): number {
  try {
    const groups = path.join(folder, "jetstream", "$SYS", "_js_");
    const group = readdirSync(groups).find((name) => name.startsWith("S-"));
    return Number(readFileSync(path.join(groups, group ?? "", "tav.idx")).readBigUInt64LE(0));
  } catch {
    return 0;
  }
}

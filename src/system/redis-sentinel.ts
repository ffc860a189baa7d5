import { isIP } from "node:net";
import { at } from "../base/assert.ts";
import { askRedis } from "./redis-call.ts";
import { RedisClient } from "./redis-client.ts";
import type { RespValue } from "./resp.ts";
import type { NodeAccess, Place, StateSight, System } from "./system.ts";

/**
 * Redis with a Sentinel beside each: replication is asynchronous, and a failover promotes a replica that may not have
 * what the old master acknowledged. It promises no more; this shows what that means. Both tell each other where they
 * are, so there is one address of each.
 */
export function redisSentinelSystem(): System {
  return {
    name: "redis-sentinel",
    workloads: ["register", "lock", "unique-ids"],
    ports: ["redis", "sentinel"],
    addresses: "shared",
    nodeCount: 3,
    container: { image: "redis:7" },
    start: (place) => ({
      command: ["sh", "-c", "redis-server redis.conf & exec redis-sentinel sentinel.conf"],
      cwd: place.directory,
      files: { "redis.conf": redisConf(place), "sentinel.conf": sentinelConf(place) },
    }),
    ready: knowsTheOthers,
    state: redisState,
    stateEveryMs: 200,
    // Masters and epochs are not Raft's leaders and terms.
    judgedBy: "clients",
    createClient: (options) => new RedisClient(options),
    schedule: {
      faults: ["4s", "22s", "40s"].map((at) => ({
        at,
        for: "10s",
        fault: { type: "partition", shape: "isolate-leader", mode: "drop" },
      })),
    },
  };
}

function redisConf(place: Place): string {
  const { number, host, ports, advertisedHost, advertised, peers } = place;
  const first = at(peers, 0);
  const master = number === 1 ? [] : [`replicaof ${first.host} ${first.ports["redis"]}`];
  return lines([
    `bind ${host}`,
    `port ${ports["redis"]}`,
    "protected-mode no",
    "appendonly yes",
    "repl-timeout 10",
    "repl-diskless-sync-delay 0",
    `replica-announce-ip ${advertisedHost}`,
    `replica-announce-port ${advertised["redis"]}`,
    ...master,
  ]);
}

function sentinelConf(place: Place): string {
  const { number, host, ports, advertisedHost, advertised, peers } = place;
  const self = { host: advertisedHost, ports: advertised };
  const master = number === 1 ? self : at(peers, 0);
  const quorum = Math.floor((peers.length + 1) / 2) + 1;
  return lines([
    `bind ${host}`,
    `port ${ports["sentinel"]}`,
    "protected-mode no",
    ...(isIP(advertisedHost) === 0 ? BY_NAME : []),
    `sentinel announce-ip ${advertisedHost}`,
    `sentinel announce-port ${advertised["sentinel"]}`,
    `sentinel monitor main ${master.host} ${master.ports["redis"]} ${quorum}`,
    "sentinel down-after-milliseconds main 1000",
    "sentinel failover-timeout main 3000",
  ]);
}

/** From Redis 6.2 on. */
const BY_NAME = ["sentinel resolve-hostnames yes", "sentinel announce-hostnames yes"];

function lines(list: readonly string[]): string {
  return `${list.join("\n")}\n`;
}

/**
 * A failover takes a Sentinel that knows the replicas, of which it hears every ten seconds. What it once knew stands in
 * its file, so a restart does not wait for the others.
 */
async function knowsTheOthers(node: NodeAccess): Promise<true | string> {
  const { fields } = await look(node);
  const wanted = node.nodes.length - 1;
  const replicas = Number(fields.get("num-slaves"));
  const sentinels = Number(fields.get("num-other-sentinels"));
  if (replicas >= wanted && sentinels >= wanted) return true;
  return `its Sentinel knows ${replicas} replicas and ${sentinels} other Sentinels of ${wanted}`;
}

/** Whether it says that it is the master; the term is the epoch in which its own Sentinel saw that decided. */
async function redisState(node: NodeAccess): Promise<StateSight> {
  const { role, fields } = await look(node);
  const term = Number(fields.get("config-epoch") ?? 0);
  return { role: role === "master" ? "leader" : "follower", term };
}

async function look({ addresses }: NodeAccess): Promise<{
  readonly role: RespValue | undefined;
  readonly fields: ReadonlyMap<RespValue, RespValue>;
}> {
  const { redis, sentinel } = addresses;
  if (redis === undefined || sentinel === undefined) throw new Error("it has no such ports");
  const [role, master] = await Promise.all([
    askRedis(redis, ["ROLE"]),
    askRedis(sentinel, ["SENTINEL", "MASTER", "main"]),
  ]);
  if (!Array.isArray(role)) throw new Error(`ROLE: ${JSON.stringify(role)}`);
  const list = Array.isArray(master) ? (master as readonly RespValue[]) : [];
  const pairs = list.flatMap((name, i): [RespValue, RespValue][] =>
    i % 2 === 0 ? [[name, list[i + 1] ?? null]] : [],
  );
  return { role: (role as readonly RespValue[])[0], fields: new Map(pairs) };
}

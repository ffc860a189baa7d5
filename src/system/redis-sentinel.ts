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
    workloads: ["register"],
    ports: ["redis", "sentinel"],
    addresses: "shared",
    nodeCount: 3,
    start: (place) => ({
      command: ["sh", "-c", "redis-server redis.conf & exec redis-sentinel sentinel.conf"],
      cwd: place.directory,
      files: { "redis.conf": redisConf(place), "sentinel.conf": sentinelConf(place) },
    }),
    ready: async (node) => {
      await redisState(node);
      return true;
    },
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

function redisConf({ number, host, ports, advertised, peers }: Place): string {
  const master = number === 1 ? [] : [`replicaof ${host} ${at(peers, 0).ports["redis"]}`];
  return lines([
    `bind ${host}`,
    `port ${ports["redis"]}`,
    "protected-mode no",
    "appendonly yes",
    "repl-timeout 10",
    "repl-diskless-sync-delay 0",
    `replica-announce-ip ${host}`,
    `replica-announce-port ${advertised["redis"]}`,
    ...master,
  ]);
}

function sentinelConf({ number, host, ports, advertised, peers }: Place): string {
  const master = number === 1 ? advertised["redis"] : at(peers, 0).ports["redis"];
  const quorum = Math.floor((peers.length + 1) / 2) + 1;
  return lines([
    `bind ${host}`,
    `port ${ports["sentinel"]}`,
    "protected-mode no",
    `sentinel announce-ip ${host}`,
    `sentinel announce-port ${advertised["sentinel"]}`,
    `sentinel monitor main ${host} ${master} ${quorum}`,
    "sentinel down-after-milliseconds main 1000",
    "sentinel failover-timeout main 3000",
  ]);
}

function lines(list: readonly string[]): string {
  return `${list.join("\n")}\n`;
}

/** Whether it says that it is the master; the term is the epoch in which its own Sentinel saw that decided. */
async function redisState({ addresses }: NodeAccess): Promise<StateSight> {
  const { redis, sentinel } = addresses;
  if (redis === undefined || sentinel === undefined) throw new Error("it has no such ports");
  const [role, master] = await Promise.all([
    askRedis(redis, ["ROLE"]),
    askRedis(sentinel, ["SENTINEL", "MASTER", "main"]),
  ]);
  const name = Array.isArray(role) ? (role as readonly RespValue[])[0] : undefined;
  if (name !== "master" && name !== "slave") throw new Error(`ROLE: ${JSON.stringify(role)}`);
  const fields = Array.isArray(master) ? (master as readonly RespValue[]) : [];
  const epoch = Number(fields[fields.indexOf("config-epoch") + 1] ?? 0);
  return { role: name === "master" ? "leader" : "follower", term: epoch };
}

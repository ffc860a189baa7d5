import { WORKLOAD_NAMES } from "../../checker/checkers.ts";
import type { Value } from "../../node/kv/command.ts";
import type { Completion, Invocation } from "./client.ts";
import { type Commit, OptimisticClient, type Question, type Sight } from "./etcd-transactions.ts";
import { HttpClient } from "./http-client.ts";
import type {
  HttpAnswer,
  HttpQuestion,
  NodeAccess,
  Place,
  Redirect,
  StateSight,
  System,
} from "./system.ts";

/**
 * etcd over its JSON gateway, which speaks base64. Members hold each other to the addresses that they are advertised
 * at, so there is one address of each, with proxies behind it.
 */
export function etcdSystem({ isSerializable }: { readonly isSerializable: boolean }): System {
  return {
    name: "etcd",
    workloads: WORKLOAD_NAMES.filter((name) => name !== "election"),
    ports: ["client", "peer"],
    peerPorts: ["peer"],
    addresses: "shared",
    nodeCount: 3,
    container: { image: "quay.io/coreos/etcd:v3.5.21" },
    start: (place) => ({
      command: [
        "etcd",
        ...flags({
          name: place.id,
          "data-dir": `${place.directory}/etcd`,
          "listen-client-urls": url(place.host, place.ports["client"]),
          "advertise-client-urls": url(place.advertisedHost, place.ports["client"]),
          "listen-peer-urls": url(place.host, place.ports["peer"]),
          "initial-advertise-peer-urls": url(place.advertisedHost, place.advertised["peer"]),
          "initial-cluster": initialCluster(place),
          "initial-cluster-state": "new",
          "heartbeat-interval": "100",
          "election-timeout": "1000",
          "log-level": "warn",
          logger: "zap",
        }),
      ],
    }),
    ready: async (node) => {
      await etcdState(node);
      return true;
    },
    state: etcdState,
    stateEveryMs: 100,
    // Leader and term are read one after the other there: good enough to see who leads, no proof of anything.
    judgedBy: "clients",
    createClient: (options) =>
      new OptimisticClient(
        new HttpClient(
          { request: (asked) => requestFor(asked as Invocation | Question, isSerializable), reply },
          options,
        ),
      ),
    faults: ["partition", "latency", "kill", "pause"],
  };
}

function flags(values: Readonly<Record<string, string>>): string[] {
  return Object.entries(values).map(([name, value]) => `--${name}=${value}`);
}

function url(host: string, port: number | undefined): string {
  return `http://${host}:${port}`;
}

function initialCluster({ id, advertisedHost, advertised, peers }: Place): string {
  const self = { id, host: advertisedHost, ports: advertised };
  return [self, ...peers]
    .map((member) => `${member.id}=${url(member.host, member.ports["peer"])}`)
    .toSorted()
    .join(",");
}

async function etcdState(node: NodeAccess): Promise<StateSight> {
  const { status, text, json } = await node.request("POST", "/v3/maintenance/status", {});
  const { header, leader, raftTerm } = (json ?? {}) as {
    readonly header?: { readonly member_id?: string };
    readonly leader?: string;
    readonly raftTerm?: string;
  };
  if (status !== 200 || header?.member_id === undefined) {
    throw new Error(`POST /v3/maintenance/status answered ${status} ${text.slice(0, 200)}`);
  }
  const role = leader === header.member_id ? "leader" : "follower";
  return { role, term: Number(raftTerm ?? 0) };
}

export function requestFor({ f, value }: Invocation, isSerializable: boolean): HttpQuestion {
  const call = (path: string, body: object): HttpQuestion => ({ method: "POST", path, body });
  if (f === "commit") return call("/v3/kv/txn", commitBody(value as Commit));
  const keys = keysOf(value);
  if (keys !== undefined) {
    const ranges = keys.map((key) => ({
      requestRange: { key: encode(key), serializable: isSerializable },
    }));
    return call("/v3/kv/txn", { success: ranges });
  }
  const [name, argument] = value as [string, unknown];
  const key = encode(name);
  switch (f) {
    case "read":
      return call("/v3/kv/range", { key, serializable: isSerializable });
    case "write":
      return call("/v3/kv/put", { key, value: encode(argument as string) });
    case "cas": {
      const [expected, next] = argument as [string | null, string];
      const compare =
        expected === null
          ? { key, target: "CREATE", createRevision: "0" }
          : { key, target: "VALUE", value: encode(expected) };
      return call("/v3/kv/txn", {
        compare: [compare],
        success: [{ requestPut: { key, value: encode(next) } }],
        failure: [{ requestRange: { key } }],
      });
    }
    default:
      return call("/v3/kv/deleterange", { key });
  }
}

function commitBody({ sight, changes }: Commit): object {
  return {
    compare: [...sight.modRevisions].map(([key, modRevision]) => ({
      key: encode(key),
      target: "MOD",
      modRevision,
    })),
    success: [...changes].map(([key, value]) => ({
      requestPut: { key: encode(key), value: encode(textOf(value)) },
    })),
  };
}

/** Of a look at several keys at once. */
function keysOf(value: unknown): readonly string[] | undefined {
  return Array.isArray(value) ? undefined : (value as { readonly keys?: readonly string[] }).keys;
}

interface Range {
  readonly kvs?: readonly { readonly value?: string; readonly mod_revision?: string }[];
}

interface Answer extends Range {
  readonly header?: unknown;
  readonly error?: string;
  readonly succeeded?: boolean;
  readonly responses?: readonly { readonly response_range?: Range }[];
}

export function reply(
  { status, json, text }: HttpAnswer,
  { f, value }: Invocation,
): Completion | Redirect {
  const answer = (json ?? {}) as Answer;
  // A 200 without a header is not etcd's.
  if (status !== 200 || answer.header === undefined) {
    const error = answer.error ?? `http-${status} ${text.slice(0, 80)}`;
    return { type: f === "read" ? "fail" : "info", error };
  }
  if (f === "commit") {
    return answer.succeeded === true ? { type: "ok" } : { type: "fail", error: "txn-conflict" };
  }
  const keys = keysOf(value);
  if (keys !== undefined) return { type: "ok", value: sightIn(keys, answer) };
  const [key] = value as [string];
  if (f === "read") return { type: "ok", value: [key, valueIn(answer)] };
  if (f !== "cas" || answer.succeeded === true) return { type: "ok" };
  const current = valueIn(answer.responses?.[0]?.response_range ?? {});
  return {
    type: "fail",
    error: "cas-mismatch",
    current: typeof current === "string" ? current : null,
  };
}

function sightIn(keys: readonly string[], { responses = [] }: Answer): Sight {
  const values = new Map<string, Value>();
  const modRevisions = new Map<string, string>();
  for (const [i, key] of keys.entries()) {
    const range = responses[i]?.response_range ?? {};
    const value = valueIn(range);
    if (value !== null) values.set(key, value);
    modRevisions.set(key, range.kvs?.[0]?.mod_revision ?? "0");
  }
  return { values, modRevisions };
}

function valueIn({ kvs = [] }: Range): Value | null {
  const [first] = kvs;
  return first === undefined ? null : valueOf(Buffer.from(first.value ?? "", "base64").toString());
}

/** Lists and counts are JSON behind this mark; text is as it is. */
const JSON_MARK = "\u0000";

function textOf(value: Value): string {
  return typeof value === "string" ? value : JSON_MARK + JSON.stringify(value);
}

function valueOf(text: string): Value {
  return text.startsWith(JSON_MARK) ? (JSON.parse(text.slice(1)) as Value) : text;
}

function encode(text: string): string {
  return Buffer.from(text).toString("base64");
}

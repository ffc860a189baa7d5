import { linkName } from "../../src/base/node-id.ts";
import { createPrng, type Prng } from "../../src/base/prng.ts";
import type { CheckerRecord } from "../../checker/checker.ts";
import type { Op } from "../../checker/history.ts";
import type { Command } from "../../node/kv/command.ts";
import type { Rules } from "../../node/raft/rules.ts";
import type { ClientReply, ClientRequest } from "../../node/replica/client.ts";
import { Cluster } from "./cluster.ts";

export interface RandomRun {
  readonly cluster: Cluster;
  readonly ops: readonly Op[];
  /** Broken promises seen on the way; they need no checker. */
  readonly problems: readonly string[];
}

const TURMOIL_MS = 12_000;
const CALM_MS = 5_000;

/** Clients, cuts and kills drawn from one seed; then everything heals and every register is read. */
export function runRandom(seed: string, rules?: Rules): RandomRun {
  const prng = createPrng(seed);
  const setUp = prng.fork("set-up");
  const slowDisks = setUp.chance(0.4);
  const cluster = new Cluster({
    seed: `${seed}/cluster`,
    nodeCount: setUp.pick([3, 3, 5]),
    delayMs: setUp.pick([
      [1, 5],
      [1, 40],
      [20, 90],
    ] as const),
    syncMs: slowDisks ? [20, 150] : [1, 5],
    duplication: 0.05,
    ...(rules && { rules }),
  });
  const recorder = new Recorder(cluster);
  const clients = [1, 2, 3, 4].map(
    (number) => new RandomClient(cluster, recorder, prng.fork(`client ${number}`), number),
  );
  for (const client of clients) client.begin();
  disturb(cluster, prng.fork("nemesis"));
  cluster.advance(TURMOIL_MS);
  cluster.cuts.clear();
  for (const id of cluster.ids) if (!cluster.replica(id)) cluster.start(id);
  cluster.advance(CALM_MS);
  for (const client of clients) client.finish();
  cluster.advance(6_000);
  return {
    cluster,
    ops: recorder.ops,
    problems: [
      ...recorder.problems,
      ...clients.flatMap((client) => client.unread()),
      ...disagreements(cluster),
    ],
  };
}

/** Trace and history in the order of time, as a run's folder holds them. */
export function recordsOf({ cluster, ops }: RandomRun): CheckerRecord[] {
  const records: { readonly timeNs: number; readonly record: CheckerRecord }[] = [
    ...cluster.trace.map((event) => ({
      timeNs: event.timeNs,
      record: { type: "trace", event } as const,
    })),
    ...ops.map((op) => ({ timeNs: op.timeNs, record: { type: "op", op } as const })),
  ];
  return records.sort((a, b) => a.timeNs - b.timeNs).map(({ record }) => record);
}

function disturb(cluster: Cluster, prng: Prng): void {
  const { ids } = cluster;
  const again = (): void => disturb(cluster, prng);
  cluster.after(prng.int(100, 900), () => {
    if (cluster.nowMs >= TURMOIL_MS) return;
    const up = ids.filter((id) => cluster.replica(id));
    const down = ids.filter((id) => !cluster.replica(id));
    const target = prng.chance(0.5) ? cluster.leader() : prng.pick(ids);
    const act = prng.int(0, 9);
    if (act <= 2) cluster.cuts.clear();
    else if (act === 3 && target) cluster.partition([target], without(ids, target));
    else if (act === 4) {
      const [one, ...others] = prng.shuffle(ids);
      cluster.partition([one ?? "", others[0] ?? ""], others.slice(1));
    } else if (act === 5) {
      for (const source of ids) {
        for (const other of ids) {
          if (prng.chance(0.3)) cluster.cuts.add(linkName({ source, target: other }));
        }
      }
    } else if (act <= 7) {
      if (target && up.includes(target)) cluster.kill(target);
      if (act === 7) for (const id of up) if (cluster.replica(id)) cluster.kill(id);
    }
    if (act >= 7) for (const id of down) cluster.start(id);
    again();
  });
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

const without = <T>(list: readonly T[], one: T): T[] => list.filter((other) => other !== one);

/** History in Jepsen's sense, and what was seen of each counted register. */
class Recorder {
  readonly ops: Op[] = [];
  readonly problems: string[] = [];
  /** Highest value acknowledged or read of each register that only one client writes, counting up. */
  readonly floor = new Map<string, number>();
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  add(op: Omit<Op, "index" | "timeNs">): void {
    const timeNs = Math.round(this.#cluster.nowMs * 1e6);
    this.ops.push({ index: this.ops.length, timeNs, ...op });
  }

  raise(key: string, value: number): void {
    this.floor.set(key, Math.max(this.floor.get(key) ?? 0, value));
  }
}

interface Operation {
  readonly f: "read" | "write" | "cas" | "delete";
  readonly key: string;
  readonly invoked: unknown;
  readonly request: ClientRequest;
  readonly floor: number;
}

/**
 * One operation at a time; retries in its session until a deadline, then says "info" and begins anew. The third
 * client has patience with a silent node, and the fourth only reads and stays with whoever answers it.
 */
class RandomClient {
  readonly #cluster: Cluster;
  readonly #recorder: Recorder;
  readonly #prng: Prng;
  readonly #number: number;
  #process: number;
  #session: number | undefined;
  #sequence = 0;
  #count = 0;
  #node: string;
  #isFinishing = false;
  #finalReads: string[] = [];
  #attempt = 0;
  readonly #isReader: boolean;
  readonly #patienceMs: number;

  constructor(cluster: Cluster, recorder: Recorder, prng: Prng, number: number) {
    this.#cluster = cluster;
    this.#recorder = recorder;
    this.#prng = prng;
    this.#number = number;
    this.#isReader = number === 4;
    this.#patienceMs = number === 3 ? 1900 : 700;
    this.#process = number;
    this.#node = prng.pick(cluster.ids);
  }

  begin(): void {
    this.#cluster.after(this.#prng.int(1, 60), () => this.#next());
  }

  finish(): void {
    this.#isFinishing = true;
    this.#finalReads = ["own1", "own2", "own3", "shared1", "shared2"];
  }

  unread(): string[] {
    return this.#finalReads.map((key) => `client ${this.#number} could not read ${key} at the end`);
  }

  #next(): void {
    if (this.#isFinishing) {
      const [key] = this.#finalReads;
      if (key !== undefined) this.#invoke(this.#read(key));
    } else if (this.#session === undefined) {
      this.#register();
    } else {
      this.#invoke(this.#draw(this.#session));
    }
  }

  #register(): void {
    const request = { type: "write", command: { op: "register" } } as const;
    this.#ask(request, this.#cluster.nowMs + 1500, false, (reply) => {
      if (reply?.type === "done" && reply.result.type === "registered") {
        this.#session = reply.result.session;
        this.#sequence = 0;
      }
      this.begin();
    });
  }

  #read(key: string): Operation {
    const floor = this.#recorder.floor.get(key) ?? 0;
    return { f: "read", key, invoked: [key, null], request: { type: "read", key }, floor };
  }

  #draw(session: number): Operation {
    const prng = this.#prng;
    const dice = prng.next();
    if (this.#isReader || dice < 0.3) {
      const owner = prng.int(1, 3);
      return this.#read(prng.chance(0.5) ? `own${owner}` : `shared${prng.int(1, 2)}`);
    }
    const inSession = { session, sequence: ++this.#sequence };
    const value = String(++this.#count);
    if (dice < 0.7) {
      const key = `own${this.#number}`;
      return this.#write("write", key, value, { op: "put", key, value, ...inSession });
    }
    const key = `shared${prng.int(1, 2)}`;
    const unique = `${this.#number}:${value}`;
    if (dice < 0.8) {
      return this.#write("write", key, unique, { op: "put", key, value: unique, ...inSession });
    }
    if (dice < 0.85) return this.#write("delete", key, null, { op: "delete", key, ...inSession });
    const seen = textOf(this.#cluster.replica(this.#node)?.store.values.get(key));
    const command = { op: "cas", key, expected: seen, value: unique, ...inSession } as const;
    return this.#write("cas", key, [seen, unique], command);
  }

  #write(f: Operation["f"], key: string, value: unknown, command: Command): Operation {
    return { f, key, invoked: [key, value], request: { type: "write", command }, floor: 0 };
  }

  #invoke(operation: Operation): void {
    const { f, invoked, request } = operation;
    this.#recorder.add({ process: this.#process, type: "invoke", f, value: invoked });
    this.#ask(request, this.#cluster.nowMs + 3000, false, (reply, isUnknown) => {
      this.#complete(operation, reply, isUnknown);
      this.begin();
    });
  }

  /** Asks one node after the other; `isUnknown` once an attempt may have taken effect. */
  #ask(
    request: ClientRequest,
    deadlineMs: number,
    isUnknown: boolean,
    done: (reply: ClientReply | undefined, isUnknown: boolean) => void,
  ): void {
    const attempt = ++this.#attempt;
    const isOver = (): boolean => attempt !== this.#attempt;
    const retry = (mayHaveHappened: boolean, next: string): void => {
      this.#node = next;
      this.#attempt++;
      if (this.#cluster.nowMs >= deadlineMs) return done(undefined, mayHaveHappened);
      this.#cluster.after(30, () => this.#ask(request, deadlineMs, mayHaveHappened, done));
    };
    const other = (): string => this.#prng.pick(this.#cluster.ids);
    if (!this.#cluster.replica(this.#node)) return retry(isUnknown, other());
    this.#cluster.after(this.#patienceMs, () => isOver() || retry(true, other()));
    this.#cluster.request(this.#node, request, (reply) => {
      if (isOver()) return;
      if (reply.type === "error" && reply.code === "not-leader") {
        return retry(isUnknown, reply.leaderId ?? other());
      }
      if (reply.type === "error" && !reply.definite) return retry(true, reply.leaderId ?? other());
      this.#attempt++;
      done(reply, isUnknown);
    });
  }

  #complete(operation: Operation, reply: ClientReply | undefined, isUnknown: boolean): void {
    const { f, key, invoked } = operation;
    const base = { process: this.#process, f, value: invoked, node: this.#node };
    if (reply?.type === "value") {
      this.#recorder.add({ ...base, type: "ok", value: [key, reply.value] });
      return this.#sawValue(operation, textOf(reply.value));
    }
    if (reply?.type === "done") {
      if (reply.result.type === "written" || reply.result.type === "deleted") {
        const [, value] = invoked as [string, unknown];
        if (key.startsWith("own")) this.#recorder.raise(key, Number(value));
        return this.#recorder.add({ ...base, type: "ok" });
      }
      if (reply.result.type === "cas-mismatch") {
        const current = textOf(reply.result.current);
        return this.#recorder.add({ ...base, type: "fail", error: "cas-mismatch", current });
      }
    }
    const isFailed = f === "read" || (!isUnknown && reply?.type !== "done");
    this.#recorder.add({ ...base, type: isFailed ? "fail" : "info", error: "no answer" });
    if (isFailed) return;
    this.#process += 10;
    this.#session = undefined;
  }

  #sawValue({ key, floor }: Operation, value: string | null): void {
    if (this.#isFinishing) this.#finalReads = without(this.#finalReads, key);
    if (!key.startsWith("own")) return;
    const seen = Number(value ?? 0);
    if (seen < floor) this.#recorder.problems.push(`read ${seen} of ${key} after ${floor}`);
    this.#recorder.raise(key, seen);
  }
}

/** Two leaders in one term, two entries committed at one index, two states after it, or one left behind. */
function disagreements(cluster: Cluster): string[] {
  const problems: string[] = [];
  const first = new Map<string, unknown>();
  const agree = (what: string, value: unknown): void => {
    if (!first.has(what)) first.set(what, value);
    else if (first.get(what) !== value) {
      problems.push(`${what}: ${String(first.get(what))} and ${String(value)}`);
    }
  };
  for (const event of cluster.trace) {
    if (event.type === "role" && event.role === "leader") {
      agree(`leader of term ${event.term}`, event.node);
    } else if (event.type === "commit") {
      agree(`committed at ${event.index}`, event.hash);
    } else if (event.type === "apply") {
      event.hashes.forEach((hash, i) => agree(`state after ${event.from + i}`, hash));
    }
  }
  const commits = cluster.ids.map((id) => cluster.replica(id)?.raft.commitIndex ?? 0);
  if (Math.min(...commits) < Math.max(...commits)) problems.push(`at the end ${cluster.sight()}`);
  return problems;
}

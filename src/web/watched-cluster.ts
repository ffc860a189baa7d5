import { formatAddress, parseAddress } from "../base/address.ts";
import { isRecord } from "../store/read-json.ts";
import type { Sight, WatchedNode, WatchedState, WatchOrder } from "./watched-state.ts";

const POLL_MS = 250;
const TIMEOUT_MS = 1000;
const REFUSED = new Set(["ECONNREFUSED", "ENOTFOUND", "EHOSTUNREACH", "EADDRNOTAVAIL"]);

/** The seven rows of the contract, as its nodes name them. */
const FIELDS = [
  "nodeId",
  "role",
  "currentTerm",
  "lastHeartbeat",
  "peers",
  "votedFor",
  "votesGranted",
] as const;

/** Any cluster whose nodes answer `GET /raft/state`, asked four times a second. */
export class WatchedCluster implements Disposable {
  readonly #nodes = new Map<string, WatchedNode>();
  readonly #timer: NodeJS.Timeout;
  readonly #asked = new Set<string>();

  constructor() {
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
    this.#timer.unref();
  }

  /** One "n1=host:port" or "n1 host:port" a line or comma; returns what is wrong with the first bad one. */
  add(lines: string): string | undefined {
    const wanted = lines
      .split(/[\n,]/)
      .map((line) => line.trim())
      .filter((line) => line !== "");
    const nodes: WatchedNode[] = [];
    for (const line of wanted) {
      const [, name, text] = /^([\w.-]+)\s*[=\s]\s*(\S+)$/.exec(line) ?? [];
      const address = text === undefined ? undefined : parseAddress(text);
      if (name === undefined || address === undefined)
        return `"${line}": write a name and an address, such as n1=127.0.0.1:8101`;
      nodes.push({ name, address: formatAddress(address), sight: { type: "nothing yet" } });
    }
    for (const node of nodes) this.#nodes.set(node.name, node);
    this.#poll();
    return undefined;
  }

  obey(order: WatchOrder): string | undefined {
    if (order.type === "add") return this.add(order.lines);
    return this.#nodes.delete(order.name) ? undefined : `there is no node ${order.name}`;
  }

  state(): WatchedState {
    const nodes = [...this.#nodes.values()];
    return { nodes, conflicts: conflictsOf(nodes) };
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #poll(): void {
    for (const { name, address } of this.#nodes.values()) {
      // One that does not answer is not asked again before it is given up.
      if (this.#asked.has(name)) continue;
      this.#asked.add(name);
      void look(address).then((sight) => {
        this.#asked.delete(name);
        const node = this.#nodes.get(name);
        if (node?.address === address) this.#nodes.set(name, { ...node, sight });
      });
    }
  }
}

async function look(address: string): Promise<Sight> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`http://${address}/raft/state`, { signal });
    if (!response.ok) return { type: "error", text: `it answered ${response.status}` };
    return readState(await response.json());
  } catch (error) {
    if (error instanceof Error && error.name === "TimeoutError")
      return { type: "silent", text: `it did not answer within ${TIMEOUT_MS} ms` };
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    if (code !== undefined && REFUSED.has(code)) return { type: "unreachable", text: code };
    return { type: "error", text: code ?? "what it answered is not JSON" };
  }
}

function readState(value: unknown): Sight {
  if (!isRecord(value)) return { type: "error", text: "what it answered is no state" };
  const { role, currentTerm } = value;
  if (typeof role !== "string" || typeof currentTerm !== "number")
    return { type: "error", text: "its answer has no role and currentTerm" };
  const rows = FIELDS.map((name) => [name, show(name, value[name])] as const);
  return { type: "state", role, term: currentTerm, rows };
}

function show(name: string, value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (name === "lastHeartbeat" && typeof value === "number")
    return value === 0 ? "never" : new Date(value).toISOString().slice(11, 23);
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" ? JSON.stringify(value) : String(value as number);
}

function conflictsOf(nodes: readonly WatchedNode[]): string[] {
  const leaders = new Map<number, string[]>();
  for (const { name, sight } of nodes) {
    if (sight.type !== "state" || sight.role.toLowerCase() !== "leader") continue;
    leaders.set(sight.term, [...(leaders.get(sight.term) ?? []), name]);
  }
  return [...leaders]
    .filter(([, names]) => names.length > 1)
    .map(([term, names]) => `${names.join(" and ")} are both leader in term ${term}`);
}

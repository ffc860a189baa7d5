import { unreachable } from "../src/base/assert.ts";
import type { Fault, LinkName, LinkScope, NodeRoleName, NodeSelector } from "./fault.ts";
import { Complaint, readInteger, readListOf, readNumber, readOneOf, readRecord } from "./read.ts";
import { readText, show, type Reader, type RecordReader } from "./read.ts";
import { KINDS } from "./kinds.ts";
import { didYouMean } from "./suggest.ts";

const FAULT_TYPES: readonly Fault["type"][] = [...KINDS.map(({ name }) => name), "cuts", "own"];

const SHAPES = [
  "halves",
  "random-halves",
  "isolate-one",
  "isolate-leader",
  "majorities-ring",
  "bridge",
  "one-way",
  "random-links",
] as const;

const SHAPES_OF_ONE: ReadonlySet<string> = new Set(["bridge", "random-links"]);
const SHAPES_OF_NODES: ReadonlySet<string> = new Set([
  ...SHAPES_OF_ONE,
  "random-halves",
  "isolate-one",
  "one-way",
]);

const MODES = ["refuse", "drop"] as const;
const TROUBLES = ["refuse", "drop", "lose-answers", "latency", "reset"] as const;
const ROLES = ["leader", "follower", "random", "minority", "majority", "all"] as const;
const HOUR_MS = 3_600_000;

/** Reads a fault: a record with a type, or only its type where all else may be as usual. */
export const readFault: Reader<Fault> = (value, path) => {
  const input = readRecord(typeof value === "string" ? { type: value } : value, path);
  const type = input.required("type", readFaultType);
  const fault = readByType(type, input, path);
  input.end();
  return fault;
};

const readFaultType: Reader<Fault["type"]> = (value, path) =>
  value === "crash" ? "kill" : readOneOf(FAULT_TYPES)(value, path);

// Durations inside a fault are latencies and periods: bare numbers are milliseconds.
function readByType(type: Fault["type"], input: RecordReader, path: string): Fault {
  switch (type) {
    case "partition": {
      const shape = input.optional("shape", readOneOf(SHAPES)) ?? "random-halves";
      const of = input.optional("of", readNodes);
      checkOf(shape, of, `${path}.of`);
      return { type, shape, mode: readMode(input), ...(of === undefined ? {} : { of }) };
    }
    case "cuts":
      return { type, links: input.required("links", readLinkNames), mode: readMode(input) };
    case "flap": {
      const links = readLinks(input, { of: "leader" });
      return { type, links, mode: readMode(input), periodMs: readPeriodMs(input, path, 400) };
    }
    case "latency":
      return { type, links: readLinks(input), ...readLatency(input, path) };
    case "bandwidth": {
      const rate = readNumber({ min: 0, max: 1e9 });
      const exact = input.optional("rateKbytesPerSecond", rate);
      const rateKbytesPerSecond = exact ?? input.optional("rate", rate) ?? 20;
      return { type, links: readLinks(input), rateKbytesPerSecond };
    }
    case "slice": {
      const averageBytes = input.optional("averageBytes", readInteger({ min: 1, max: 1e9 })) ?? 64;
      const delayUs = input.optional("delayUs", readInteger({ min: 0, max: 1e9 })) ?? 1000;
      return { type, links: readLinks(input), averageBytes, delayUs };
    }
    case "reset":
      return { type, links: readLinks(input), afterMs: input.durationMs("after", "ms") ?? 0 };
    case "lose-answers":
      return { type, links: readLinks(input) };
    case "kill":
    case "pause":
    case "stop":
    case "unplug":
    case "disk-full":
    case "membership":
    case "disk-lost":
      return { type, nodes: input.optional("nodes", readNodes) ?? "random" };
    case "power-cut":
      return { type, nodes: input.optional("nodes", readNodes) ?? "majority" };
    case "restart-storm": {
      const nodes = input.optional("nodes", readNodes) ?? "random";
      return { type, nodes, periodMs: readPeriodMs(input, path, 2000) };
    }
    case "slow-cpu": {
      const cores = input.optional("cores", readNumber({ min: 0.01, max: 64 })) ?? 0.1;
      return { type, nodes: input.optional("nodes", readNodes) ?? "random", cores };
    }
    case "clock": {
      const nodes = input.optional("nodes", readNodes) ?? "random";
      return { type, nodes, ...readClock(input, path) };
    }
    case "slow-disk": {
      const delayMs = input.durationMs("delay", "ms") ?? 100;
      if (delayMs > HOUR_MS) throw new Complaint(`${path}.delay`, "is longer than an hour");
      return { type, nodes: input.optional("nodes", readNodes) ?? "random", delayMs };
    }
    case "memory": {
      const limitMb = input.optional("limitMb", readInteger({ min: 6, max: 1e6 })) ?? 24;
      return { type, nodes: input.optional("nodes", readNodes) ?? "random", limitMb };
    }
    case "own": {
      const name = input.required("name", readText);
      const nodes = input.optional("nodes", readNodes) ?? "random";
      const text = input.optional("text", readText) ?? `given the fault ${name}`;
      return { type, name, nodes, text };
    }
    case "client-link": {
      const nodes = input.optional("nodes", readNodes) ?? "all";
      const trouble = input.optional("trouble", readOneOf(TROUBLES)) ?? "refuse";
      return { type, nodes, trouble, latencyMs: input.durationMs("latency", "ms") ?? 200 };
    }
    default:
      return unreachable(type);
  }
}

/** What would be ignored is refused: whoever wrote it expects something else. */
function checkOf(shape: (typeof SHAPES)[number], of: NodeSelector | undefined, path: string): void {
  if (of === undefined) return;
  if (!SHAPES_OF_NODES.has(shape)) {
    throw new Complaint(path, `means nothing for ${shape} (write a shape such as isolate-one)`);
  }
  if (SHAPES_OF_ONE.has(shape) && Array.isArray(of) && of.length > 1) {
    throw new Complaint(path, `names ${of.length} nodes, but ${shape} is about one`);
  }
}

function readMode(input: RecordReader): "refuse" | "drop" {
  return input.optional("mode", readOneOf(MODES)) ?? "refuse";
}

function readLatency(
  input: RecordReader,
  path: string,
): { readonly latencyMs: number; readonly jitterMs: number } {
  const latencyMs = input.durationMs("latency", "ms") ?? 100;
  const jitterMs = input.durationMs("jitter", "ms") ?? 0;
  if (latencyMs > HOUR_MS) throw new Complaint(`${path}.latency`, "is longer than an hour");
  if (jitterMs > latencyMs) throw new Complaint(`${path}.jitter`, "is more than the latency");
  return { latencyMs, jitterMs };
}

/** Without a word about it the clock jumps by two seconds. */
function readClock(
  input: RecordReader,
  path: string,
): { readonly jumpMs: number; readonly rate: number } {
  const rate = input.optional("rate", readNumber({ min: 0.1, max: 10 })) ?? 1;
  const jumpMs = input.signedDurationMs("jump", "ms") ?? (rate === 1 ? 2000 : 0);
  if (Math.abs(jumpMs) > HOUR_MS) throw new Complaint(`${path}.jump`, "is more than an hour");
  if (jumpMs === 0 && rate === 1) throw new Complaint(path, "changes nothing about the clock");
  return { jumpMs, rate };
}

function readPeriodMs(input: RecordReader, path: string, fallbackMs: number): number {
  const periodMs = input.durationMs("period", "ms") ?? fallbackMs;
  if (periodMs < 20) throw new Complaint(`${path}.period`, "is shorter than 20 ms");
  return periodMs;
}

function readLinks(input: RecordReader, fallback: LinkScope = "all"): LinkScope {
  return input.optional("links", readLinkScope) ?? fallback;
}

const readLinkScope: Reader<LinkScope> = (value, path) => {
  if (value === "all") return "all";
  if (Array.isArray(value)) return readLinkNames(value, path);
  if (typeof value === "string") throw new Complaint(path, `${show(value)} ${LINKS_HELP}`);
  const input = readRecord(value, path);
  const of = input.required("of", readNodes);
  input.end();
  return { of };
};

const LINKS_HELP =
  'is not a choice of links (write all, a list such as ["n1-n2"], or { of: leader })';

const readLinkName: Reader<LinkName> = (value, path) => {
  if (typeof value === "string" && /^\S+-\S+$/.test(value)) return value;
  throw new Complaint(path, `${show(value)} is not a link (write "n1-n2" for n1 calling n2)`);
};

const readLinkNames: Reader<readonly LinkName[]> = (value, path) => {
  const names = readListOf(readLinkName)(value, path);
  if (names.length === 0) throw new Complaint(path, "names no link");
  return [...new Set(names)];
};

const readNodes: Reader<NodeSelector> = (value, path) => {
  if (Array.isArray(value)) {
    const nodes = readListOf(readText)(value, path);
    if (nodes.length === 0) throw new Complaint(path, "names no node");
    return [...new Set(nodes)];
  }
  if (value === "random-follower") return "follower";
  const role = ROLES.find((known): known is NodeRoleName => known === value);
  if (role !== undefined) return role;
  if (typeof value === "string" && /^n\d+$/.test(value)) return [value];
  const suggestion = typeof value === "string" ? didYouMean(value, ROLES) : "";
  const help = ` (write one of ${ROLES.join(", ")}, or a list of nodes)`;
  throw new Complaint(path, `${show(value)} is not a choice of nodes${suggestion || help}`);
};

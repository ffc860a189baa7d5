import type { WorkloadName } from "../../checker/checkers.ts";
import type { Kind } from "../../nemesis/kinds.ts";
import type { Address } from "../base/address.ts";
import type { NodeFaults } from "../base/node-faults.ts";
import type { Link, NodeId, Role } from "../base/node-id.ts";
import type { TraceTransition } from "../base/trace.ts";
import type { OwnFault } from "./own-fault.ts";
import type { Client, ClientOptions, Completion, Invocation } from "./client.ts";

/**
 * What is under test: how its nodes are started and recognized, and how clients ask them. A file of one's own
 * exports one as its default: `export default defineSystem({ … })`.
 */
export interface System {
  readonly name: string;
  /** What clients can do with it; the first is done where nothing else is asked for. */
  readonly workloads: readonly WorkloadName[];
  /** What a node listens on, by name. Clients and `ready` use the first. Default: one port, "main". */
  readonly ports?: readonly string[];
  /** Those that other nodes call. Default: all. */
  readonly peerPorts?: readonly string[];
  /**
   * `own`: every node is told an address of its own of each other node, which is a proxy. `shared`: nodes tell each
   * other where they are, so there is one address of each; who calls it is found out there (Linux only).
   */
  readonly addresses?: "own" | "shared";
  /** Size of the cluster where no other is asked for. Default: 5. */
  readonly nodeCount?: number;
  /** How a node's process is started, the first time and after every kill. Default: nodes are containers only. */
  readonly start?: (place: Place) => Launch;
  /** How nodes are containers, for `--environment docker`. Default: they are processes only. */
  readonly container?: Packaging;
  /** When a node is ready: a path that answers 200, or a look that says true or what is seen instead. Default: it accepts connections. */
  readonly ready?: string | ((node: NodeAccess) => Promise<true | string>);
  /**
   * A node gets ready without the others. Where it may need them, and is started again while links are cut, other faults wait
   * for it only a little. Default: false.
   */
  readonly readyAlone?: boolean;
  /** What a node says of itself. Asked again and again; throws where the answer is no such thing. */
  readonly state?: (node: NodeAccess) => Promise<StateSight>;
  /** From one question for its state to the next, in ms. Default: 50. */
  readonly stateEveryMs?: number;
  /** What its nodes' calls to each other prove, where they speak HTTP: the proxies between them read along. */
  readonly wire?: Wire;
  /**
   * What the properties of Raft are judged by: the nodes' own traces; what was seen of their states (elections
   * only); or nothing but what clients saw. Default: `state` where there is one.
   */
  readonly judgedBy?: JudgedBy;
  /** How an operation becomes a request and a reply an outcome, for whoever speaks HTTP. */
  readonly http?: HttpMapping;
  /** A client for whoever does not. */
  readonly createClient?: (options: ClientOptions) => Client;
  /** Kinds of fault, and faults of its own, where none are asked for. Default: as for the bundled nodes. */
  readonly faults?: readonly (Kind | OwnFault)[];
  /** Faults at these times instead, in the form of a schedule file. */
  readonly schedule?: unknown;
  /** Operations a second where no other rate is asked for. */
  readonly rate?: number;
  /** Brings faults about inside a node; it answers with those that it then has. Only bundled nodes can. */
  readonly putFaults?: (address: Address, faults: NodeFaults) => Promise<unknown>;
}

export type JudgedBy = "trace" | "state" | "clients";

/** What is in a container. */
export interface Packaging {
  /** An image that is there or can be pulled. Default: that of the bundled nodes, with Node.js and their program. */
  readonly image?: string;
  /**
   * Where its program listens whatever it is told, by name of port. Default: where its place says. Not with `shared`
   * addresses, where each node has port numbers of its own.
   */
  readonly ports?: Readonly<Record<string, number>>;
  /** How a node is started there. Default: as its process is. */
  readonly start?: (place: Place) => Launch;
}

/** Where one node is to run. */
export interface Place {
  readonly id: NodeId;
  /** 1 for n1. */
  readonly number: number;
  /** Where it must listen: 127.0.0.1, or in a container 0.0.0.0, which is all of its addresses. */
  readonly host: string;
  /** The first of its ports. */
  readonly port: number;
  /** Where it must listen. */
  readonly ports: Readonly<Record<string, number>>;
  /** What it is called by: 127.0.0.1, or in a container its name. */
  readonly advertisedHost: string;
  /** Where others call it there, where addresses are `shared`; else where it listens. */
  readonly advertised: Readonly<Record<string, number>>;
  /** The other nodes, each where this one must call it. */
  readonly peers: readonly Peer[];
  /** A folder of its own, empty at first; what lies there outlives kills. In a container: /data. */
  readonly directory: string;
  /** Where a bundled node writes its trace. */
  readonly traceFile: string;
}

export interface Peer {
  readonly id: NodeId;
  readonly host: string;
  /** The first of `ports`. */
  readonly port: number;
  readonly ports: Readonly<Record<string, number>>;
}

export interface Launch {
  /** Program and arguments. In a container: in the place of what its image starts, which is the default there. */
  readonly command?: readonly string[];
  /** More arguments; in a container without a command, of what its image starts. */
  readonly args?: readonly string[];
  /** Besides the environment of this process, or of the image. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where it runs. Default: where this process does, or where the image says. */
  readonly cwd?: string;
  /** Files for the node's folder, by name: written before the first start only. */
  readonly files?: Readonly<Record<string, string>>;
  /** True: the program ends by itself when the channel to whoever started it closes (bundled nodes). */
  readonly hasChannel?: boolean;
}

/** A started node, as whoever looks at it from outside can reach it. */
export interface NodeAccess {
  readonly id: NodeId;
  /** All nodes, itself included. */
  readonly nodes: readonly NodeId[];
  /** Of each port, the direct one. */
  readonly addresses: Readonly<Record<string, Address>>;
  /** Calls the first port; rejects where no answer comes within a second. */
  request(method: string, path: string, body?: unknown): Promise<HttpAnswer>;
  /** Whose address this is ("127.0.0.1:21007"), be it the direct one or a proxy's. */
  nameOf(address: string): NodeId | undefined;
}

export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  /** The text as JSON; undefined if it is none. */
  readonly json: unknown;
}

export interface StateSight {
  readonly role: Role;
  readonly term: number;
  /** Whom it voted for in its term; null: nobody. Undefined: it does not say. */
  readonly votedFor?: NodeId | null | undefined;
  /** Of a leader: whose votes made it one. Undefined, or nobody: it does not say. */
  readonly votes?: readonly NodeId[] | undefined;
}

/** Calls between nodes, read where they pass the proxies. */
export interface Wire {
  /** POSTs to these. */
  readonly paths: readonly string[];
  /** What follows from a call: at first without, then with its answer. */
  facts(call: WireCall): readonly WireFact[];
}

export interface WireCall {
  /** Who asked whom. */
  readonly link: Link;
  readonly path: string;
  /** The body; {} where it is no JSON. */
  readonly request: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>> | undefined;
  /** Whose address this is, be it the direct one or a proxy's. */
  readonly nameOf: (address: string) => NodeId | undefined;
}

export interface WireFact {
  readonly node: NodeId;
  readonly transition: Extract<TraceTransition, { readonly type: "vote" | "led" }>;
}

export interface HttpMapping {
  /** The request that stands for an operation. */
  request(invocation: Invocation): HttpQuestion;
  /** What its answer means. */
  reply(answer: HttpAnswer, invocation: Invocation): Completion | Redirect;
}

export interface HttpQuestion {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A text is sent as it is, anything else as JSON. */
  readonly body?: unknown;
}

/** Nothing happened there: ask this node, or any other one. */
export interface Redirect {
  readonly type: "redirect";
  readonly to?: NodeId | undefined;
  /** What to report where nobody answers in time. */
  readonly error?: string;
}

/** Says what the type is; nothing more. */
export function defineSystem(system: System): System {
  return system;
}

export function portsOf({ ports = ["main"] }: System): readonly string[] {
  return ports;
}

export function judgedBy({ judgedBy: by, state }: System): JudgedBy {
  return by ?? (state === undefined ? "clients" : "state");
}

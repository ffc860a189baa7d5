import type { NodeId } from "../../src/base/node-id.ts";
import { parseCallableAddress, type Address } from "../../src/base/address.ts";
import type { Configuration } from "../raft/configuration.ts";
import type { Reply, Request } from "../raft/messages.ts";
import { PeerClient } from "./peer-client.ts";

/** The other members: called where the command line says, else where the configuration says. */
export class Peers {
  readonly #known: ReadonlyMap<NodeId, Address>;
  readonly #timeoutMs: number;
  /** Of each member, for the address where it was called last: it may have moved since. */
  readonly #clients = new Map<NodeId, { readonly address: string; readonly client: PeerClient }>();

  constructor(known: ReadonlyMap<NodeId, Address>, timeoutMs: number) {
    this.#known = known;
    this.#timeoutMs = timeoutMs;
  }

  /** `done` gets the reply, or undefined when none came in time or nobody knows where to call. */
  call(
    to: NodeId,
    { addresses = {} }: Configuration,
    request: Request,
    done: (reply: Reply | undefined) => void,
  ): void {
    const address = this.#known.get(to) ?? parseCallableAddress(addresses[to] ?? "");
    if (address === undefined) return done(undefined);
    this.#clientFor(to, address).call(to, request, done);
  }

  #clientFor(to: NodeId, address: Address): PeerClient {
    const name = `${address.host} ${address.port}`;
    const known = this.#clients.get(to);
    if (known?.address === name) return known.client;
    known?.client.close();
    const client = new PeerClient(address, this.#timeoutMs);
    this.#clients.set(to, { address: name, client });
    return client;
  }
}

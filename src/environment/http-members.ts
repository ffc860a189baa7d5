import type { MemberChange, MembersPort, MembersSight } from "../../nemesis/members.ts";
import { type Address, formatAddress } from "../base/address.ts";
import type { NodeId } from "../base/node-id.ts";

const LOOK_MS = 500;
/** A change is answered when it is committed; the node itself gives up after two seconds. */
const CHANGE_MS = 2500;

/** Asks bundled nodes who belongs to the cluster, and to change that, over HTTP. */
export class HttpMembers implements MembersPort {
  readonly #addresses: ReadonlyMap<NodeId, Address>;

  constructor(addresses: ReadonlyMap<NodeId, Address>) {
    this.#addresses = addresses;
  }

  look(node: NodeId, done: (sight: MembersSight | undefined) => void): void {
    this.#call(node, { method: "GET", path: "/cluster/members" }, LOOK_MS).then(
      (sight) => done(sight as MembersSight),
      () => done(undefined),
    );
  }

  change(leader: NodeId, change: MemberChange, done: () => void): void {
    this.#call(leader, requestFor(change), CHANGE_MS).then(done, () => done());
  }

  async #call(
    node: NodeId,
    { method, path, body }: { method: string; path: string; body?: string },
    timeoutMs: number,
  ): Promise<unknown> {
    const address = this.#addresses.get(node);
    if (address === undefined) throw new Error(`nobody knows where ${node} is`);
    const response = await fetch(`http://${formatAddress(address)}${path}`, {
      method,
      signal: AbortSignal.timeout(timeoutMs),
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(text);
    return JSON.parse(text) as unknown;
  }
}

function requestFor({ type, node }: MemberChange): { method: string; path: string; body?: string } {
  const member = `/cluster/members/${encodeURIComponent(node)}`;
  switch (type) {
    case "add-learner":
      return { method: "POST", path: "/cluster/members", body: JSON.stringify({ id: node }) };
    case "promote":
      return { method: "POST", path: `${member}/promote` };
    case "remove":
      return { method: "DELETE", path: member };
  }
}

import type { NodeAccess, System } from "../system/system.ts";
import { probe } from "./probe.ts";

/** Whether a node can be worked with, by what its system says about that; if not, what is seen instead. */
export async function isReady({ ready }: System, node: NodeAccess): Promise<true | string> {
  const [address = { host: "", port: 0 }] = Object.values(node.addresses);
  if (ready === undefined) return (await probe(address, "accepts")) ?? true;
  if (typeof ready === "function") return ready(node);
  const { status, text } = await node.request("GET", ready);
  return status === 200 ? true : `GET ${ready} answered ${status} ${text.slice(0, 200)}`;
}

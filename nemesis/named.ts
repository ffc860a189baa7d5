import type { NodeId } from "../src/base/node-id.ts";
import type { Fault, LinkName, NodeSelector } from "./fault.ts";

/** Nodes that a fault names outright, for checking a schedule against a cluster. */
export function namedNodes(fault: Fault): readonly NodeId[] {
  const selectors: (NodeSelector | undefined)[] = [];
  if ("nodes" in fault) selectors.push(fault.nodes);
  if ("of" in fault) selectors.push(fault.of);
  if ("links" in fault && typeof fault.links === "object" && "of" in fault.links) {
    selectors.push(fault.links.of);
  }
  return selectors.flatMap((selector) => (Array.isArray(selector) ? selector : []));
}

/** Links that a fault names outright. */
export function namedLinks(fault: Fault): readonly LinkName[] {
  return "links" in fault && Array.isArray(fault.links) ? fault.links : [];
}

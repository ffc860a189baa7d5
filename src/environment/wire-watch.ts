import type { Link, NodeId } from "../base/node-id.ts";
import type { TraceTransition } from "../base/trace.ts";
import { answerOf } from "../system/node-access.ts";
import type { Wire } from "../system/system.ts";

/** A call from node to node, as the embedded proxy on its link tells of it: asked, or answered. */
export interface Overheard {
  /** The name of the link. */
  readonly proxy: string;
  readonly path: string;
  readonly request: string;
  readonly answer?: string;
}

export interface WireWatchOptions {
  readonly wire: Wire;
  /** By name. */
  readonly links: ReadonlyMap<string, Link>;
  /** Whose address that is. */
  readonly nameOf: (address: string) => NodeId | undefined;
  readonly onFact: (node: NodeId, transition: TraceTransition) => void;
}

/** What nodes' calls to each other prove of them, each fact once. What is no JSON proves nothing. */
export class WireWatch {
  readonly #options: WireWatchOptions;
  readonly #known = new Set<string>();

  constructor(options: WireWatchOptions) {
    this.#options = options;
  }

  hear({ proxy, path, request, answer }: Overheard): void {
    const { wire, links, nameOf, onFact } = this.#options;
    const link = links.get(proxy);
    if (link === undefined) return;
    const call = {
      link,
      path,
      request: recordIn(request),
      answer: answer === undefined ? undefined : recordIn(answer),
      nameOf,
    };
    for (const { node, transition } of wire.facts(call)) {
      const name = JSON.stringify([node, transition]);
      if (this.#known.has(name)) continue;
      this.#known.add(name);
      onFact(node, transition);
    }
  }
}

function recordIn(text: string): Readonly<Record<string, unknown>> {
  const { json } = answerOf(0, text);
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>) : {};
}

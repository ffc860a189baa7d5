import { majority, type NodeId, type Role } from "../base/node-id.ts";
import type { Client, Completion, Invocation } from "../system/client.ts";
import type { Workload } from "./workload.ts";

/** From the question to the look; whoever asks again and again does not ask more often. */
const LOOK_MS = 20;

const QUESTION: Invocation = { f: "leader", value: null };

/** Who leads? For systems that do nothing but elect; somebody must when all is healed. */
export const election: Workload = {
  name: "election",
  text: "clients ask who leads, where systems do nothing but elect",
  createGenerator: () => ({
    next: () => QUESTION,
    observe: () => undefined,
    finalReads: () => [QUESTION],
  }),
  finalReadsOf: () => [QUESTION],
  probe: () => QUESTION,
};

/** What is known of a node at this moment. */
export interface Sight {
  readonly node: NodeId;
  readonly role: Role | undefined;
  readonly term: number;
}

/**
 * Answers by what is seen of the nodes: one leads if it is alone in doing so in the newest term, and a majority
 * is in that term. Looking changes nothing, so all else is a failure.
 */
export class ElectionClient implements Client {
  readonly #look: () => readonly Sight[];

  constructor(look: () => readonly Sight[]) {
    this.#look = look;
  }

  invoke(_invocation: Invocation, _ms: number, done: (completion: Completion) => void): void {
    setTimeout(() => done(whoLeads(this.#look())), LOOK_MS);
  }

  close(): void {
    // It holds nothing.
  }
}

export function whoLeads(sights: readonly Sight[]): Completion {
  const answering = sights.filter(({ role }) => role !== undefined);
  const term = Math.max(0, ...answering.map((sight) => sight.term));
  const inTerm = answering.filter((sight) => sight.term === term);
  const leaders = inTerm.filter(({ role }) => role === "leader").map(({ node }) => node);
  const [leader] = leaders;
  if (leader === undefined) return { type: "fail", error: "no-leader" };
  if (leaders.length > 1) return { type: "fail", error: "two-leaders" };
  if (inTerm.length < majority(sights.length)) return { type: "fail", error: "no-majority" };
  return { type: "ok", value: { leader, term }, node: leader };
}

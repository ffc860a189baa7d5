import { allLinks, linkName, type Link, type NodeId } from "../base/node-id.ts";
import type { Prng } from "../base/prng.ts";
import type { DesiredState, LinkEffect, NodeStatus } from "../../nemesis/target.ts";
import type { StaticCutPlan } from "../store/plan.ts";

/** Some nodes are out of it for good, and all others are a majority in which everyone reaches everyone. */
export interface StaticCut {
  readonly sentence: string;
  readonly rest: readonly NodeId[];
  /** Directed links on which no call comes to an end: its request or its answer is lost. */
  readonly cutLinks: readonly string[];
  readonly desired: DesiredState;
}

const DROP: LinkEffect = { type: "drop", stream: "both" };
const DROP_ANSWERS: LinkEffect = { type: "drop", stream: "downstream" };

/** Picks who is out of it, by the roles that they have now. */
export function resolveStaticCut(
  plan: StaticCutPlan,
  status: readonly NodeStatus[],
  prng: Prng,
): StaticCut | undefined {
  const nodes = status.map(({ node }) => node);
  const down = status.filter(({ state }) => state !== "running").map(({ node }) => node);
  const roomCount = Math.floor((nodes.length - 1) / 2) - down.length;
  if (roomCount < 0) return undefined;
  const leader = status.find(({ role }) => role === "leader")?.node;
  const count = Math.min(plan.count, roomCount);
  const others = prng.shuffle(nodes.filter((node) => node !== leader && !down.includes(node)));
  const first = plan.withLeader && leader !== undefined ? [leader] : [];
  const rest = count === 0 ? [] : [...first, ...others].slice(0, count).sort();
  const effects = linkEffects(plan, { nodes, rest, leader });
  return {
    sentence: describeDown(down) + describe(plan, rest, effects),
    rest: [...down, ...rest].sort(),
    cutLinks: effects.map(({ link }) => linkName(link)),
    desired: {
      links: effects.map(({ link, effect }) => ({ link, effects: [effect] })),
      nodes: plan.manner === "dead" ? rest.map((node) => ({ node, state: "killed" })) : [],
    },
  };
}

interface Placed {
  readonly link: Link;
  readonly effect: LinkEffect;
}

function linkEffects(
  { manner }: StaticCutPlan,
  cluster: { nodes: readonly NodeId[]; rest: readonly NodeId[]; leader: NodeId | undefined },
): Placed[] {
  const { nodes, rest, leader } = cluster;
  const isOut = (node: NodeId): boolean => rest.includes(node);
  const cut = (isCut: (link: Link) => boolean, effect = DROP): Placed[] =>
    allLinks(nodes)
      .filter(isCut)
      .map((link) => ({ link, effect }));
  switch (manner) {
    case "dead":
      return [];
    case "cut":
      return cut(({ source, target }) => isOut(source) || isOut(target));
    case "deaf":
      return cut(({ source, target }) => !isOut(source) && isOut(target));
    case "mute":
      return cut(({ source, target }) => isOut(source) && !isOut(target));
    case "unanswered":
      return cut(({ source, target }) => isOut(source) && !isOut(target), DROP_ANSWERS);
    case "partial": {
      // Each is cut off from one node only: the leader, or if it leads itself, the first of the others.
      const other =
        leader !== undefined && !isOut(leader) ? leader : nodes.find((one) => !isOut(one));
      const isBetween = (a: NodeId, b: NodeId): boolean => isOut(a) && b === other;
      return cut(({ source, target }) => isBetween(source, target) || isBetween(target, source));
    }
  }
}

/** Who refuses to start for good: bits of its disk have flipped. */
function describeDown(down: readonly NodeId[]): string {
  if (down.length === 0) return "";
  return `${down.join(" and ")} ${down.length === 1 ? "is" : "are"} down, and of the others `;
}

function describe(
  { manner }: StaticCutPlan,
  rest: readonly NodeId[],
  effects: readonly Placed[],
): string {
  if (rest.length === 0) return "all reach each other";
  const who = rest.join(" and ");
  const [is, hears] = rest.length === 1 ? ["is", "hears"] : ["are", "hear"];
  switch (manner) {
    case "dead":
      return `${who} ${is} dead`;
    case "cut":
      return `${who} ${is} cut off from all others`;
    case "deaf":
      return `${who} ${hears} nobody, but ${is} heard`;
    case "mute":
      return `${who} ${is} heard by nobody, but ${hears} all others`;
    case "unanswered":
      return `${who} ${is} heard, but no answer comes back to what they ask`;
    case "partial":
      return `${who} ${is} cut off from one other (${effects.map(({ link }) => linkName(link)).join(", ")})`;
  }
}

import type { NodeId } from "../../src/base/node-id.ts";
import type { Entry, LogIndex } from "./log.ts";

/** Who belongs to the cluster (§6; thesis §4). */
export interface Configuration {
  readonly voters: readonly NodeId[];
  /** They receive the log and have no vote (thesis §4.2.1). */
  readonly learners: readonly NodeId[];
  /** HOST:PORT of members that were added with one; what a node was started with goes before it. */
  readonly addresses?: Readonly<Record<NodeId, string>>;
}

/** One member at a time: then any majority of the old and any of the new configuration meet (thesis §4.1). */
export type MembershipChange =
  | { readonly type: "add-learner"; readonly node: NodeId; readonly address?: string }
  | { readonly type: "promote"; readonly node: NodeId }
  | { readonly type: "remove"; readonly node: NodeId };

export function membersOf({ voters, learners }: Configuration): readonly NodeId[] {
  return [...voters, ...learners];
}

/** The configuration after the change, or one sentence saying why there is none. */
export function changed(before: Configuration, change: MembershipChange): Configuration | string {
  const { node } = change;
  const isVoter = before.voters.includes(node);
  const isLearner = before.learners.includes(node);
  switch (change.type) {
    case "add-learner":
      if (isVoter || isLearner) return `${node} is a member already`;
      return {
        voters: before.voters,
        learners: [...before.learners, node].sort(),
        ...addressesOf(before, node, change.address),
      };
    case "promote":
      if (!isLearner) return `${node} is no learner`;
      return {
        voters: [...before.voters, node].sort(),
        learners: before.learners.filter((other) => other !== node),
        ...addressesOf(before),
      };
    case "remove":
      if (!isVoter && !isLearner) return `${node} is no member`;
      if (isVoter && before.voters.length === 1) return `${node} is the only voter`;
      return {
        voters: before.voters.filter((other) => other !== node),
        learners: before.learners.filter((other) => other !== node),
        ...addressesOf(before, node),
      };
  }
}

function addressesOf(
  { addresses }: Configuration,
  node?: NodeId,
  address?: string,
): Pick<Configuration, "addresses"> {
  const others = Object.entries(addresses ?? {}).filter(([other]) => other !== node);
  if (node !== undefined && address !== undefined) others.push([node, address]);
  return others.length === 0 ? {} : { addresses: Object.fromEntries(others) };
}

/** As it stands in the log. It begins with `[`, which no command of the state machine does. */
export function encodeConfiguration({ voters, learners, addresses }: Configuration): string {
  return JSON.stringify(["configuration", { voters, learners, ...(addresses && { addresses }) }]);
}

/** A configuration and the entry that holds it. */
export interface ConfigurationAt {
  readonly index: LogIndex;
  readonly configuration: Configuration;
}

export function configurationsIn(entries: readonly Entry[]): ConfigurationAt[] {
  const found: ConfigurationAt[] = [];
  for (const entry of entries) {
    const configuration = configurationIn(entry);
    if (configuration !== undefined) found.push({ index: entry.index, configuration });
  }
  return found;
}

/** Undefined for an entry that holds something else. */
export function configurationIn(entry: Entry): Configuration | undefined {
  if (!entry.command.startsWith("[")) return undefined;
  return (JSON.parse(entry.command) as [string, Configuration])[1];
}

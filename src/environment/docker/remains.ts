import os from "node:os";
import { isAlive } from "../leftovers.ts";
import { alreadySo, type Engine, refusalOf } from "./engine.ts";
import { type Owner, OWNER_LABEL, RUN_LABEL } from "./labels.ts";

/** What runs have in an engine, found by their labels. */
export interface Remains {
  readonly containers: readonly string[];
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

type Labels = Readonly<Record<string, string>> | null | undefined;

/** Everything that this run has made and that is still there. */
export function remainsOf(engine: Engine, runId: string): Promise<Remains> {
  return find(engine, (labels) => labels?.[RUN_LABEL] === runId);
}

/** What dead harnesses of this host left behind. Those of other hosts may be at it. */
export function findRemains(engine: Engine): Promise<Remains> {
  return find(engine, (labels) => {
    const owner = ownerOf(labels);
    return owner !== undefined && owner.host === os.hostname() && !isAlive(owner);
  });
}

export function countRemains({ containers, networks, volumes }: Remains): number {
  return containers.length + networks.length + volumes.length;
}

/** "7 containers, 5 networks and 5 volumes". */
export function remainsText({ containers, networks, volumes }: Remains): string {
  return `${containers.length} containers, ${networks.length} networks and ${volumes.length} volumes`;
}

/**
 * Removes them, paused ones too; what is gone meanwhile is gone. Throws what the engine says of the first that would
 * not go, when all others are gone.
 */
export async function removeRemains(engine: Engine, remains: Remains): Promise<void> {
  const { containers, networks, volumes } = remains;
  const users = await Promise.allSettled(
    containers.map((id) =>
      // 409: somebody else is removing it already.
      alreadySo([404, 409], engine.getContainer(id).remove({ force: true, v: true })),
    ),
  );
  // An engine that removes none of them does not answer, and would be waited for once more.
  if (users.length > 0 && users.every(isRejected)) throw users[0]!.reason;
  const used = await Promise.allSettled([
    ...networks.map((id) => alreadySo([404], engine.getNetwork(id).remove())),
    ...volumes.map((name) => alreadySo([404], engine.getVolume(name).remove({ force: true }))),
  ]);
  const stuck = [...users, ...used].find(isRejected);
  if (stuck !== undefined) throw stuck.reason;
}

function isRejected(settled: PromiseSettledResult<unknown>): settled is PromiseRejectedResult {
  return settled.status === "rejected";
}

/** Removes what there is, and says so; undefined: there is nothing. */
export async function cleanRemains(engine: Engine, remains: Remains): Promise<string | undefined> {
  if (countRemains(remains) === 0) return undefined;
  const what = `${remainsText(remains)} that a killed run had left behind`;
  try {
    await removeRemains(engine, remains);
    return `removed ${what}`;
  } catch (error) {
    return `of ${what} not all could be removed: ${refusalOf(error)}`;
  }
}

async function find(engine: Engine, belongs: (labels: Labels) => boolean): Promise<Remains> {
  const filters = { label: [RUN_LABEL] };
  const [containers, networks, volumes] = await Promise.all([
    engine.listContainers({ all: true, filters }),
    engine.listNetworks({ filters }),
    engine.listVolumes({ filters }),
  ]);
  return {
    containers: containers.filter(({ Labels }) => belongs(Labels)).map(({ Id }) => Id),
    networks: networks.filter(({ Labels }) => belongs(Labels)).map(({ Id }) => Id),
    volumes: volumes.Volumes.filter(({ Labels }) => belongs(Labels)).map(({ Name }) => Name),
  };
}

function ownerOf(labels: Labels): Owner | undefined {
  try {
    return JSON.parse(labels?.[OWNER_LABEL] ?? "") as Owner;
  } catch {
    return undefined;
  }
}

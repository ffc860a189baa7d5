import { EnvironmentError } from "../../base/errors.ts";
import type { NodeId } from "../../base/node-id.ts";
import type { Prng } from "../../base/prng.ts";
import { type Engine, refusalOf, statusOf } from "./engine.ts";
import { labelsOf, namePrefix } from "./labels.ts";
import { removeRemains } from "./remains.ts";

/**
 * The network of one node: internal, and shared with nobody but Toxiproxy. There is no route from one
 * node to another, so whatever they say to each other goes through the proxies.
 */
export interface NodeNetwork {
  readonly node: NodeId;
  readonly id: string;
  readonly name: string;
  /** Where the node is on it; fixed, since proxies lead there. */
  readonly nodeHost: string;
  /** Where Toxiproxy is on it. */
  readonly proxyHost: string;
}

const TRIES = 20;

/** One network a node, in neighbouring subnets that nobody on this host uses. */
export async function createNetworks(
  engine: Engine,
  { runId, nodes, prng }: { runId: string; nodes: readonly NodeId[]; prng: Prng },
): Promise<readonly NodeNetwork[]> {
  let refusal = "";
  for (let i = 0; i < TRIES; i++) {
    const block = `10.${prng.int(200, 250)}.${prng.int(0, 255)}`;
    const created: NodeNetwork[] = [];
    try {
      for (const [k, node] of nodes.entries()) {
        created.push(await createNetwork(engine, { runId, node, block, first: 16 * (k + 1) }));
      }
      return created;
    } catch (error) {
      await removeRemains(engine, {
        containers: [],
        networks: created.map(({ id }) => id),
        volumes: [],
      });
      refusal = refusalOf(error);
      const isTaken = statusOf(error) === 403 || /overlap|conflict/i.test(refusal);
      if (!isTaken) break;
    }
  }
  throw new EnvironmentError(`the Docker engine makes no networks for the nodes: ${refusal}`);
}

async function createNetwork(
  engine: Engine,
  place: { runId: string; node: NodeId; block: string; first: number },
): Promise<NodeNetwork> {
  const { runId, node, block, first } = place;
  const name = `${namePrefix(runId)}-${node}`;
  const { id } = await engine.createNetwork({
    Name: name,
    CheckDuplicate: true,
    Internal: true,
    Labels: labelsOf(runId),
    IPAM: { Config: [{ Subnet: `${block}.${first}/28`, Gateway: `${block}.${first + 1}` }] },
  });
  return {
    node,
    id,
    name,
    proxyHost: `${block}.${first + 2}`,
    nodeHost: `${block}.${first + 3}`,
  };
}

import os from "node:os";
import { EnvironmentError, UsageError } from "../../base/errors.ts";
import type { NodeId } from "../../base/node-id.ts";
import { type Container, type Engine, refusalOf, statusOf } from "./engine.ts";

/** What Compose writes on every container that it makes. */
const PROJECT_LABEL = "com.docker.compose.project";
const SERVICE_LABEL = "com.docker.compose.service";
const NODE_SERVICE = /^n[1-9]$/;
const PROXY_SERVICE = "toxiproxy";
/** Stands for the project that the harness's own container belongs to. */
const SELF = "self";

/** A compose project with a cluster in it. */
export interface Project {
  readonly name: string;
  /** By name; n1, n2, … without a gap. */
  readonly nodes: ReadonlyMap<NodeId, Container>;
  readonly toxiproxy: Container | undefined;
  /** Networks of the harness's own container; undefined where it runs on the host and reaches all of them. */
  readonly ownNetworks: readonly string[] | undefined;
}

/** Finds it by the labels of its containers, running or not; throws a UsageError with what there is instead. */
export async function findProject(engine: Engine, wanted: string): Promise<Project> {
  const self = await ownContainer(engine);
  const name = wanted === SELF ? (self?.project ?? refuseSelf()) : wanted;
  const all = await engine.listContainers({ all: true, filters: { label: [PROJECT_LABEL] } });
  const labels = all.map(({ Id, Labels }) => ({
    id: Id,
    project: Labels[PROJECT_LABEL] ?? "",
    service: Labels[SERVICE_LABEL] ?? "",
  }));
  const ours = labels.filter(({ project }) => project === name);
  const projects = [...new Set(labels.map(({ project }) => project))].sort().join(", ") || "none";
  if (ours.length === 0) {
    throw new UsageError(`--attach ${name}: there is no such compose project; up are: ${projects}`);
  }
  const nodes = ours
    .filter(({ service }) => NODE_SERVICE.test(service))
    .sort((a, b) => a.service.localeCompare(b.service));
  const isWithoutGap = nodes.every(({ service }, i) => service === `n${i + 1}`);
  if (nodes.length === 0 || !isWithoutGap) {
    const services = ours.map(({ service }) => service).join(", ");
    throw new UsageError(
      `--attach ${name}: nodes are services named n1, n2, … with one container each; this project has ${services}`,
    );
  }
  const proxy = ours.find(({ service }) => service === PROXY_SERVICE);
  return {
    name,
    nodes: new Map(nodes.map(({ service, id }) => [service, engine.getContainer(id)])),
    toxiproxy: proxy === undefined ? undefined : engine.getContainer(proxy.id),
    ownNetworks: self?.networks,
  };
}

function refuseSelf(): never {
  throw new UsageError(
    `--attach ${SELF}: this process is not in a container of a compose project; write the project's name`,
  );
}

/** In a container the host's name is the container's id, unless somebody gave it another. */
async function ownContainer(
  engine: Engine,
): Promise<{ project: string | undefined; networks: readonly string[] } | undefined> {
  if (!/^[0-9a-f]{12}$/.test(os.hostname())) return undefined;
  try {
    const { Config, NetworkSettings } = await engine.getContainer(os.hostname()).inspect();
    return {
      project: Config.Labels[PROJECT_LABEL],
      networks: Object.keys(NetworkSettings.Networks),
    };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw new EnvironmentError(`the Docker engine refused: ${refusalOf(error)}`, { cause: error });
  }
}

/** Where a running container is reached from here; throws a sentence if nowhere. */
export async function addressOf(
  container: Container,
  ownNetworks: Project["ownNetworks"],
): Promise<string> {
  const { Name, NetworkSettings } = await container.inspect();
  const networks = Object.entries(NetworkSettings.Networks).filter(
    ([name]) => ownNetworks === undefined || ownNetworks.includes(name),
  );
  const host = networks.map(([, { IPAddress }]) => IPAddress).find((address) => address !== "");
  if (host !== undefined) return host;
  throw new EnvironmentError(
    `${Name.slice(1)} has no address on a network that can be reached from here`,
  );
}

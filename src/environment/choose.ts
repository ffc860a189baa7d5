import { messageOf } from "../base/errors.ts";
import type { System } from "../system/system.ts";
import { connectEngine, type Engine } from "./docker/engine.ts";
import { nodeImage, systemImage } from "./docker/node-image.ts";
import { proxyImage } from "./docker/proxy-image.ts";
import { cleanRemains, findRemains } from "./docker/remains.ts";

export interface ChosenEnvironment {
  readonly name: "local" | "docker" | "sim";
  /** What there is to say about it, one line each. */
  readonly notes: readonly string[];
}

/**
 * The environment that a choice stands for, ready to be started. "auto": containers where the system says how, and the engine
 * and the images are at hand, else processes. Throws an EnvironmentError where containers are wanted and can't be.
 */
export async function chooseEnvironment(
  choice: "auto" | "local" | "docker" | "sim",
  system: System,
): Promise<ChosenEnvironment> {
  if (choice === "local" || choice === "sim") return { name: choice, notes: [] };
  if (choice === "docker") return { name: choice, notes: await prepareDocker(system) };
  if (system.container === undefined) {
    const note = `environment local: ${system.name} does not say what its containers are`;
    return { name: "local", notes: [note] };
  }
  try {
    const notes = await prepareDocker(system);
    return {
      name: "docker",
      notes: ["environment docker: the engine answers and the images are there", ...notes],
    };
  } catch (error) {
    if (system.start === undefined) throw error;
    return { name: "local", notes: [`environment local: ${messageOf(error)}`] };
  }
}

/** Removes what dead runs left in the engine, and sees that the images are there. */
async function prepareDocker(system: System): Promise<string[]> {
  const engine = await connectEngine();
  const cleaned = await cleanRemains(engine, await findRemains(engine));
  const between = await prepareImages(engine, system);
  const unread = `in containers calls between nodes are not read: ${system.name} is judged by what its nodes say`;
  return [
    ...(cleaned === undefined ? [] : [cleaned]),
    between,
    ...(system.wire === undefined ? [] : [unread]),
  ];
}

/** Finds, builds or pulls what containers are made of; says which server stands between the nodes. */
export async function prepareImages(
  engine: Engine,
  system: Pick<System, "container"> = {},
): Promise<string> {
  await systemImage(engine, system, await nodeImage(engine));
  const proxy = await proxyImage(engine);
  return proxy.type === "real"
    ? `between the nodes: Toxiproxy (${proxy.image})`
    : `between the nodes: the embedded Toxiproxy-compatible server (${proxy.reason})`;
}

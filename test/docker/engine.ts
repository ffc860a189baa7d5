import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import type { DesiredState } from "../../nemesis/target.ts";
import { messageOf } from "../../src/base/errors.ts";
import { createPrng } from "../../src/base/prng.ts";
import { prepareImages } from "../../src/environment/choose.ts";
import { startDocker } from "../../src/environment/docker.ts";
import { connectEngine, type Container, type Engine } from "../../src/environment/docker/engine.ts";
import { namePrefix } from "../../src/environment/docker/labels.ts";
import type { Environment, EnvironmentOptions } from "../../src/environment/environment.ts";
import type * as Raftwreck from "../../src/system/raftwreck.ts";
import type * as Local from "../../src/environment/local.ts";
import { HEALTHY, type ConvergeOutcome } from "../../nemesis/target.ts";

/** Why there can be no containers here; undefined where there can. Stands in the titles of what is skipped. */
export const noDocker: string | undefined = await connectEngine()
  .then((engine) => prepareImages(engine))
  .then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );

export function titled(title: string): string {
  return noDocker === undefined ? title : `${title} (skipped: ${noDocker})`;
}

/** A cluster by itself, without a run around it. */
export interface TestCluster extends AsyncDisposable {
  readonly environment: Environment;
  converge(desired: DesiredState): Promise<ConvergeOutcome>;
  heal(): Promise<ConvergeOutcome>;
}

export interface ContainerCluster extends TestCluster {
  readonly engine: Engine;
  readonly runId: string;
  container(suffix: string): Container;
}

export async function startCluster(nodes: readonly string[]): Promise<ContainerCluster> {
  const engine = await connectEngine();
  const { runId, ...cluster } = await startWith(startDocker, nodes);
  return {
    ...cluster,
    engine,
    runId,
    container: (suffix) => engine.getContainer(`${namePrefix(runId)}-${suffix}`),
  };
}

/** Nodes as processes run what was built, so the environment comes from there, too. */
export async function startProcesses(nodes: readonly string[]): Promise<TestCluster> {
  const built = path.resolve(import.meta.dirname, "../../dist/src/environment/local.js");
  const { startLocal } = (await import(built)) as Pick<typeof Local, "startLocal">;
  return startWith(startLocal, nodes);
}

async function startWith(
  start: (options: EnvironmentOptions) => Promise<Environment>,
  nodes: readonly string[],
): Promise<TestCluster & { readonly runId: string }> {
  const directory = mkdtempSync(path.join(os.tmpdir(), "raftwreck-docker-"));
  for (const folder of ["trace", "logs"]) mkdirSync(path.join(directory, folder));
  const runId = path.basename(directory);
  const prng = createPrng(runId);
  const built = path.resolve(import.meta.dirname, "../../dist/src/system/raftwreck.js");
  const { raftwreckSystem } = (await import(built)) as Pick<typeof Raftwreck, "raftwreckSystem">;
  const system = raftwreckSystem(null);
  const options = { runId, directory, nodes, system, proxyClients: false, prng };
  const environment = await start(options);
  const converge = (desired: DesiredState): Promise<ConvergeOutcome> =>
    new Promise((resolve) => environment.target.converge(desired, resolve));
  return {
    environment,
    runId,
    converge,
    heal: () => converge(HEALTHY),
    async [Symbol.asyncDispose]() {
      await environment[Symbol.asyncDispose]();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

/** Runs JavaScript in a container; what it printed. */
export async function evaluate(container: Container, code: string): Promise<string> {
  const exec = await container.exec({
    Cmd: ["node", "-e", code],
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const stream = await exec.start({ Tty: true });
  let text = "";
  stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => stream.once("end", resolve));
  return text.trim();
}

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
import type { Environment } from "../../src/environment/environment.ts";
import { HEALTHY, type ConvergeOutcome } from "../../nemesis/target.ts";

/** Why there can be no containers here; undefined where there can. Stands in the titles of what is skipped. */
export const noDocker: string | undefined = await connectEngine()
  .then(prepareImages)
  .then(
    () => undefined,
    (error: unknown) => messageOf(error),
  );

export function titled(title: string): string {
  return noDocker === undefined ? title : `${title} (skipped: ${noDocker})`;
}

export interface TestCluster extends AsyncDisposable {
  readonly engine: Engine;
  readonly runId: string;
  readonly environment: Environment;
  container(suffix: string): Container;
  converge(desired: DesiredState): Promise<ConvergeOutcome>;
  heal(): Promise<ConvergeOutcome>;
}

/** A cluster in containers by itself, without a run around it. */
export async function startCluster(
  nodes: readonly string[],
  { proxyClients = false } = {},
): Promise<TestCluster> {
  const engine = await connectEngine();
  const directory = mkdtempSync(path.join(os.tmpdir(), "raftwreck-docker-"));
  for (const folder of ["trace", "logs"]) mkdirSync(path.join(directory, folder));
  const runId = path.basename(directory);
  const prng = createPrng(runId);
  const options = { runId, directory, nodes, mutant: null, proxyClients, prng };
  const environment = await startDocker(options);
  const converge = (desired: DesiredState): Promise<ConvergeOutcome> =>
    new Promise((resolve) => environment.target.converge(desired, resolve));
  return {
    engine,
    runId,
    environment,
    container: (suffix) => engine.getContainer(`${namePrefix(runId)}-${suffix}`),
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

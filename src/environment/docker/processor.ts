import { EnvironmentError } from "../../base/errors.ts";
import type { Container, Engine } from "./engine.ts";

const NANO = 1e9;

/**
 * Gives a container so much of the processors and sees that it has it; undefined: as many as there are. A limit
 * of 0, which should lift it, is ignored by the engine.
 */
export async function setCores(
  engine: Engine,
  container: Container,
  cores: number | undefined,
): Promise<void> {
  const all = ((await engine.info()) as { readonly NCPU: number }).NCPU;
  const NanoCpus = Math.round((cores ?? all) * NANO);
  await container.update({ NanoCpus });
  const { HostConfig } = await container.inspect();
  const seen = HostConfig.NanoCpus;
  if (seen !== NanoCpus) {
    throw new EnvironmentError(
      `the engine shows ${(seen ?? 0) / NANO} processors where ${NanoCpus / NANO} were asked for`,
    );
  }
}

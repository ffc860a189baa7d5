import { EnvironmentError } from "../../base/errors.ts";
import { type Container, type Engine, refusalOf } from "./engine.ts";

const MIB = 2 ** 20;

/**
 * Gives a container so much memory and sees that it has it; undefined: as much as there is, since a limit of 0,
 * which should lift it, is ignored by the engine. False where it uses more than that now.
 */
export async function setMemory(
  engine: Engine,
  container: Container,
  limitMb: number | undefined,
): Promise<boolean> {
  const all = ((await engine.info()) as { readonly MemTotal: number }).MemTotal;
  const Memory = limitMb === undefined ? all : limitMb * MIB;
  try {
    // Of swap there is none besides.
    await container.update({ Memory, MemorySwap: Memory });
  } catch (error) {
    if (refusalOf(error).includes("current usage")) return false;
    throw error;
  }
  const { HostConfig } = await container.inspect();
  const seen = HostConfig.Memory ?? 0;
  if (seen === Memory) return true;
  throw new EnvironmentError(
    `the engine shows ${seen / MIB} MB of memory where ${Memory / MIB} were asked for`,
  );
}

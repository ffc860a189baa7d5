import { EnvironmentError } from "../../base/errors.ts";
import { alreadySo, type Engine, refusalOf, statusOf } from "./engine.ts";

/** Long enough for a slow line, short enough for a machine that reaches no registry. */
const PULL_DEADLINE_MS = 180_000;

export async function hasImage(engine: Engine, name: string): Promise<boolean> {
  try {
    await engine.getImage(name).inspect();
    return true;
  } catch (error) {
    if (statusOf(error) === 404) return false;
    throw error;
  }
}

/** An image by name: as it is here, or pulled. Throws one sentence, with what can be done instead. */
export async function obtain(engine: Engine, name: string, instead: string): Promise<string> {
  if (await hasImage(engine, name)) return name;
  try {
    await pull(engine, name);
    return name;
  } catch (error) {
    throw new EnvironmentError(
      `the image ${name} is not here and cannot be pulled (${refusalOf(error)}); ${instead}`,
      { cause: error },
    );
  }
}

async function pull(engine: Engine, name: string): Promise<void> {
  const abortSignal = AbortSignal.timeout(PULL_DEADLINE_MS);
  const output = (await engine.pull(name, { abortSignal })) as NodeJS.ReadableStream;
  await new Promise<void>((resolve, reject) => {
    engine.modem.followProgress(output, (error) => (error === null ? resolve() : reject(error)));
  });
  // Whoever pulls at the same time may be ahead of us.
  await alreadySo([], engine.getImage(name).inspect());
}

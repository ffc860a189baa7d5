import { setTimeout as delay } from "node:timers/promises";
import type Docker from "dockerode";
import { EnvironmentError, messageOf } from "../../base/errors.ts";

export type Engine = Docker;
export type Container = Docker.Container;

const PING_DEADLINE_MS = 10_000;

/**
 * The engine of this host, once it has answered; throws an EnvironmentError that says what to do.
 * dockerode brings gRPC and SSH along: it is loaded only by those who want containers.
 */
export async function connectEngine(): Promise<Engine> {
  const host = process.env["DOCKER_HOST"] ?? "";
  if (host !== "" && !host.startsWith("unix://")) {
    throw new EnvironmentError(
      `DOCKER_HOST is ${host}: containers have to run on this host, where their traces can be read; unset it, or use --environment local`,
    );
  }
  const { default: Docker } = await import("dockerode");
  const engine = new Docker();
  try {
    await pingEngine(engine);
    return engine;
  } catch (error) {
    throw new EnvironmentError(
      `no Docker engine answers (${whyNot(error)}, or use --environment local`,
      { cause: error },
    );
  }
}

/** Rejects where the engine does not answer in time. */
export async function pingEngine(engine: Engine): Promise<void> {
  await Promise.race([engine.ping(), silence()]);
}

async function silence(): Promise<never> {
  await delay(PING_DEADLINE_MS, undefined, { ref: false });
  throw new EnvironmentError(`it did not answer within ${PING_DEADLINE_MS} ms`);
}

function whyNot(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "EACCES")
    return "no permission for its socket): add yourself to the group docker, log in again";
  if (code === "ENOENT" || code === "ECONNREFUSED")
    return "its socket is not there): install and start it";
  return `${messageOf(error)}): look whether it is well with \`docker info\``;
}

/** Acts; where the engine refuses with one of these codes, what was wanted is so already. */
export async function alreadySo(codes: readonly number[], act: Promise<unknown>): Promise<void> {
  try {
    await act;
  } catch (error) {
    const code = statusOf(error);
    if (code === undefined || !codes.includes(code)) throw error;
  }
}

/** The HTTP status of the engine's refusal; undefined where it did not answer. */
export function statusOf(error: unknown): number | undefined {
  return (error as { statusCode?: number }).statusCode;
}

/** What the engine said, without the transport's decoration. */
export function refusalOf(error: unknown): string {
  const { json } = error as { json?: { message?: unknown } };
  return typeof json?.message === "string" ? json.message : messageOf(error);
}

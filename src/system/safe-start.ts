import path from "node:path";
import { ConfigError, messageOf, UserError } from "../base/errors.ts";
import type { Launch, Place, System } from "./system.ts";

type Start = (place: Place) => Launch;

/**
 * A system of the user's whose ways to start a node throw a ConfigError with one sentence where the user's code throws
 * or answers no launch. One with a class of its own stays as it is: a copy would lose what is private to it.
 */
export function withSafeStart(system: System): System {
  if (Object.getPrototypeOf(system) !== Object.prototype) return system;
  const { name, start, container } = system;
  return {
    ...system,
    ...(start === undefined ? {} : { start: safe(`${name}: start`, start) }),
    ...(container?.start === undefined
      ? {}
      : { container: { ...container, start: safe(`${name}: container.start`, container.start) } }),
  };
}

function safe(what: string, start: Start): Start {
  return function (this: unknown, place) {
    let launch: unknown;
    try {
      launch = start.call(this, place);
    } catch (error) {
      if (error instanceof UserError) throw error;
      const [sentence] = messageOf(error).split("\n");
      throw new ConfigError(`${what} threw for ${place.id}: ${sentence}`, { cause: error });
    }
    const complaint = complaintOf(launch);
    if (complaint === undefined) return launch as Launch;
    throw new ConfigError(`${what} for ${place.id}: ${complaint}`);
  };
}

function complaintOf(launch: unknown): string | undefined {
  if (typeof launch !== "object" || launch === null || launch instanceof Promise) {
    return 'it must return what starts the node, such as { command: ["node", "server.js"] }';
  }
  const { command, args, files } = launch as Readonly<Record<string, unknown>>;
  for (const [name, words] of Object.entries({ command, args })) {
    if (words !== undefined && !Array.isArray(words)) return `${name} must be a list of texts`;
  }
  return files === undefined ? undefined : complaintOfFiles(files);
}

function complaintOfFiles(files: unknown): string | undefined {
  if (typeof files !== "object" || files === null) return "files must be texts by name";
  for (const [name, text] of Object.entries(files)) {
    if (path.isAbsolute(name) || path.normalize(name).startsWith("..")) {
      return `files: ${name} must lie in the node's folder`;
    }
    if (typeof text !== "string" && !(text instanceof Uint8Array)) {
      return `files: ${name} must be a text`;
    }
  }
  return undefined;
}

import { UsageError } from "../base/errors.ts";
import type { Place } from "./system.ts";

const KNOWN: Readonly<Record<string, (place: Place) => string>> = {
  id: ({ id }) => id,
  number: ({ number }) => String(number),
  host: ({ host }) => host,
  port: ({ port }) => String(port),
  data: ({ directory }) => directory,
  peers: ({ peers }) => peers.map(({ host, port }) => `${host}:${port}`).join(","),
  "named-peers": ({ peers }) =>
    peers.map(({ id, host, port }) => `${id}=${host}:${port}`).join(","),
};

function knownHole(name: string): ((place: Place) => string) | undefined {
  return Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
}

const HOLE = /\{([a-z-]+)\}/g;

/** Puts what is known of a node's place into a word: "{host}:{port}". */
export function fillTemplate(word: string, place: Place): string {
  return word.replaceAll(HOLE, (all, name: string) => knownHole(name)?.(place) ?? all);
}

/**
 * A command with templates, taken apart as a shell does: blanks separate, quotes hold together. Nothing else is
 * special. Complains of templates that there are not.
 */
export function splitCommand(command: string): string[] {
  const words = command.match(/(?:"[^"]*"|'[^']*'|[^\s"'])+/g) ?? [];
  if (words.length === 0) throw new UsageError("--command: write the program that starts a node");
  const stranger = [...command.matchAll(HOLE)].find(
    ([, name = ""]) => knownHole(name) === undefined,
  );
  if (stranger !== undefined) {
    const known = Object.keys(KNOWN).map((each) => `{${each}}`);
    throw new UsageError(`--command: there is no ${stranger[0]}; known are ${known.join(", ")}`);
  }
  return words.map((word) => word.replaceAll(/"([^"]*)"|'([^']*)'/g, "$1$2"));
}

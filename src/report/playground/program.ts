import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** What runs in a playground, joined into one script by the build (`bin/bundle.js`). */
export interface PlaygroundProgram {
  /** As a content security policy names it: "sha256-…". */
  readonly hash: string;
  /** The script, compressed, in base64. */
  readonly gzip: string;
}

const FILE = fileURLToPath(new URL("../../../playground.json", import.meta.url));

/** Undefined where the build made none. */
export function readPlaygroundProgram(file = FILE): PlaygroundProgram | undefined {
  try {
    const { hash, gzip } = JSON.parse(readFileSync(file, "utf8")) as Partial<PlaygroundProgram>;
    return typeof hash === "string" && typeof gzip === "string" ? { hash, gzip } : undefined;
  } catch {
    return undefined;
  }
}

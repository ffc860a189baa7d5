import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type HuntCause, parseCause } from "./hunt-file.ts";
import { LineWriter } from "./line-writer.ts";
import { readLines } from "./lines.ts";
import { writeWholeFile } from "./write-file.ts";

/**
 * `found-<start>.jsonl`: what a hunt has found while it goes on, a line for each cause, so that it is there however the hunt
 * ends, and no other hunt into this folder takes it away. In the end `hunt.json` has it all.
 */
export class FoundFile {
  readonly #path: string;
  readonly #lines: LineWriter;
  #isNeeded = false;

  /** Throws an EnvironmentError where nothing can be written: better now than after the hunt. */
  constructor(resultsDir: string, startedAt: Date) {
    this.#path = join(resultsDir, `found-${startedAt.toISOString().replaceAll(":", "-")}.jsonl`);
    writeWholeFile(this.#path, "");
    this.#lines = new LineWriter(this.#path, { onFailure: () => undefined });
  }

  append(cause: HuntCause): void {
    this.#lines.write(JSON.stringify(cause));
    this.#lines.flush();
    this.#isNeeded = true;
  }

  /** All that it says is told elsewhere now. */
  release(): void {
    this.#isNeeded = false;
  }

  /** It stays if it says something that is told nowhere else. */
  [Symbol.dispose](): void {
    this.#lines.close();
    if (!this.#isNeeded) rmSync(this.#path, { force: true });
  }
}

/** What hunts into this folder had found that did not come to their end; lines that are no finding are skipped. */
export function readFound(resultsDir: string): HuntCause[] {
  if (!existsSync(resultsDir)) return [];
  return readdirSync(resultsDir)
    .filter((name) => /^found-.*\.jsonl$/.test(name))
    .toSorted()
    .flatMap((name) => [...readLines(join(resultsDir, name))])
    .flatMap(({ text }) => parseCause(parsed(text)) ?? []);
}

/** Undefined where it is not JSON: whoever wrote it was killed. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

import fs from "node:fs";
import { EnvironmentError } from "../../src/base/errors.ts";
import type { NodeId } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";

/** Writes transitions as JSON lines; after `flush` they are the operating system's and survive a SIGKILL. */
export class TraceWriter {
  readonly #fd: number | undefined;
  readonly #node: NodeId;
  readonly #onFailed: (error: Error) => void;
  #lines = "";

  /** Throws EnvironmentError if the file can't be opened; `onFailed` follows if it can't be written later. */
  constructor(file: string | undefined, node: NodeId, onFailed: (error: Error) => void) {
    try {
      this.#fd = file === undefined ? undefined : fs.openSync(file, "a");
    } catch (error) {
      throw new EnvironmentError(`--trace ${(error as Error).message}`, { cause: error });
    }
    this.#node = node;
    this.#onFailed = onFailed;
  }

  add(transition: TraceTransition): void {
    if (this.#fd === undefined) return;
    // By the host's clock, whatever the node takes the time for: traces of all nodes are put in order by it.
    const timeNs = Number(process.hrtime.bigint());
    this.#lines += `${JSON.stringify({ timeNs, node: this.#node, ...transition })}\n`;
  }

  flush(): void {
    if (this.#fd === undefined || this.#lines === "") return;
    const lines = Buffer.from(this.#lines);
    this.#lines = "";
    try {
      for (let done = 0; done < lines.length;) done += fs.writeSync(this.#fd, lines, done);
    } catch (error) {
      this.#onFailed(error as Error);
    }
  }
}

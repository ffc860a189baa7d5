import fs from "node:fs";
import type { NodeId } from "../../src/base/node-id.ts";
import type { TraceTransition } from "../../src/base/trace.ts";

/** Writes transitions as JSON lines; after `flush` they are the operating system's and survive a SIGKILL. */
export class TraceWriter {
  readonly #fd: number | undefined;
  readonly #node: NodeId;
  #lines = "";

  constructor(file: string | undefined, node: NodeId) {
    this.#fd = file === undefined ? undefined : fs.openSync(file, "a");
    this.#node = node;
  }

  add(transition: TraceTransition): void {
    if (this.#fd === undefined) return;
    const timeNs = Number(process.hrtime.bigint());
    this.#lines += `${JSON.stringify({ timeNs, node: this.#node, ...transition })}\n`;
  }

  flush(): void {
    if (this.#fd === undefined || this.#lines === "") return;
    const lines = Buffer.from(this.#lines);
    this.#lines = "";
    for (let done = 0; done < lines.length;) done += fs.writeSync(this.#fd, lines, done);
  }
}

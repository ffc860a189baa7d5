import fs from "node:fs";
import { Writable } from "node:stream";
import type { Duplex } from "node:stream";
import type { Container } from "./engine.ts";

/**
 * Prints what stands in a file from an offset on; with "follow" whatever is appended as well, until its
 * stdin ends, which it does when whoever asked is gone. On stderr it says up to which moment, and to which
 * offset, all has been read.
 */
const PRINT = `
const fs = require("node:fs");
const [file, from, mode] = process.argv.slice(1);
let at = Number(from), fd;
function print() {
  const readAtNs = process.hrtime.bigint();
  printRest();
  process.stderr.write(readAtNs + " " + at + "\\n");
}
function printRest() {
  if (fd === undefined && fs.existsSync(file)) fd = fs.openSync(file, "r");
  for (const part = Buffer.alloc(65536); fd !== undefined; ) {
    const length = fs.readSync(fd, part, 0, part.length, at);
    if (length === 0) return;
    at += length;
    process.stdout.write(Buffer.from(part.subarray(0, length)));
  }
}
print();
if (mode === "follow") {
  setInterval(print, 50);
  process.stdin.resume().on("end", () => process.exit()).on("error", () => process.exit());
}
`;

/** Copies a file that grows in a container to one of this host, through the engine alone. */
export class TraceRelay {
  readonly #container: Container;
  readonly #source: string;
  readonly #file: string;
  #offset = 0;
  #completeUntilNs = 0;
  /** What is said of offsets that have not come in yet. */
  #marks: { readonly timeNs: number; readonly offset: number }[] = [];
  #stream: Duplex | undefined;

  constructor(container: Container, { source, file }: { source: string; file: string }) {
    this.#container = container;
    this.#source = source;
    this.#file = file;
    fs.appendFileSync(file, "");
  }

  /** All that was written before this moment of the host's monotonic clock has come in. */
  get completeUntilNs(): number {
    return this.#completeUntilNs;
  }

  /** From where it is, for as long as the container runs. */
  async start(): Promise<void> {
    this.#stream?.destroy();
    this.#stream = await this.#print("follow");
  }

  /** Fetches what is there by now and ends. */
  async finish(): Promise<void> {
    this.stop();
    const rest = await this.#print("once");
    await new Promise<void>((resolve) => {
      for (const event of ["end", "close", "error"]) rest.once(event, () => resolve());
    });
    rest.destroy();
  }

  stop(): void {
    this.#stream?.destroy();
    this.#stream = undefined;
  }

  async #print(mode: "follow" | "once"): Promise<Duplex> {
    const exec = await this.#container.exec({
      Cmd: ["node", "-e", PRINT, this.#source, String(this.#offset), mode],
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    // The container ended, or the engine: both are seen elsewhere.
    stream.on("error", () => undefined);
    const sinkOf = (take: (chunk: Buffer) => void): Writable =>
      new Writable({
        write: (chunk: Buffer, _encoding, done) => {
          if (!stream.destroyed) take(chunk);
          done();
        },
      });
    this.#marks = [];
    this.#container.modem.demuxStream(
      stream,
      sinkOf((chunk) => this.#takeBytes(chunk)),
      sinkOf((chunk) => this.#takeMarks(chunk.toString())),
    );
    return stream;
  }

  #takeBytes(chunk: Buffer): void {
    this.#offset += chunk.length;
    fs.appendFileSync(this.#file, chunk);
    this.#advance();
  }

  #takeMarks(text: string): void {
    for (const [, timeNs, offset] of text.matchAll(/^(\d+) (\d+)$/gm)) {
      this.#marks.push({ timeNs: Number(timeNs), offset: Number(offset) });
    }
    this.#advance();
  }

  #advance(): void {
    for (const { timeNs, offset } of this.#marks) {
      if (offset <= this.#offset) this.#completeUntilNs = Math.max(this.#completeUntilNs, timeNs);
    }
    this.#marks = this.#marks.filter(({ offset }) => offset > this.#offset);
  }
}

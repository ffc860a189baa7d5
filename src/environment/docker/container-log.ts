import fs from "node:fs";
import { type Readable, Writable } from "node:stream";
import type { Container } from "./engine.ts";

export interface FollowedLog {
  /** Where in the file this start of the container begins. */
  readonly offset: number;
  /** Resolves once all that the container said is in the file; its end is also the stream's. */
  readonly ended: Promise<void>;
}

/** From now, or its next start, on what the container says is appended to the file, until the signal. */
export async function followLog(
  container: Container,
  file: string,
  signal?: AbortSignal,
): Promise<FollowedLog> {
  fs.appendFileSync(file, "");
  const offset = fs.statSync(file).size;
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      fs.appendFileSync(file, chunk);
      done();
    },
  });
  const socket = stream as unknown as Readable;
  signal?.addEventListener("abort", () => socket.destroy());
  container.modem.demuxStream(stream, sink, sink);
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
  });
  return { offset, ended };
}

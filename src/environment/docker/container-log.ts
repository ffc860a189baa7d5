import fs from "node:fs";
import { Writable } from "node:stream";
import type { Container } from "./engine.ts";

export interface FollowedLog {
  /** Where in the file this start of the container begins. */
  readonly offset: number;
  /** Resolves once all that the container said is in the file; its end is also the stream's. */
  readonly ended: Promise<void>;
}

/** From the next start of the container on, what it says is appended to the file. */
export async function followLog(container: Container, file: string): Promise<FollowedLog> {
  fs.appendFileSync(file, "");
  const offset = fs.statSync(file).size;
  const stream = await container.attach({ stream: true, stdout: true, stderr: true });
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      fs.appendFileSync(file, chunk);
      done();
    },
  });
  container.modem.demuxStream(stream, sink, sink);
  const ended = new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
  });
  return { offset, ended };
}

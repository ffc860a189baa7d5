import { Writable } from "node:stream";
import { EnvironmentError } from "../../base/errors.ts";
import { endText } from "../own-hooks.ts";
import type { Container } from "./engine.ts";

export interface InsideOptions {
  /** By number, as an image may have no names of users. Default: as the image says. */
  readonly user?: string;
}

/** Runs a command in a container; what it printed. Throws with that where it did not end with 0. */
export async function runInside(
  container: Container,
  command: readonly string[],
  { user }: InsideOptions = {},
): Promise<string> {
  const exec = await container.exec({
    Cmd: [...command],
    ...(user === undefined ? {} : { User: user }),
    AttachStdout: true,
    AttachStderr: true,
  });
  const stream = await exec.start({});
  const chunks: Buffer[] = [];
  const sink = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  container.modem.demuxStream(stream, sink, sink);
  await new Promise<void>((resolve) => {
    for (const event of ["end", "close", "error"]) stream.once(event, () => resolve());
  });
  const { ExitCode } = await exec.inspect();
  const text = Buffer.concat(chunks).toString().trim();
  if (ExitCode !== 0) {
    throw new EnvironmentError(endText(command[0] ?? "", ExitCode ?? -1, text));
  }
  return text;
}

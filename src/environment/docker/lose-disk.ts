import { EnvironmentError } from "../../base/errors.ts";
import { JOIN_MARK } from "../../base/join-mark.ts";
import type { Container } from "./engine.ts";

/** Empties the volume of a node that does not run, by way of the container that holds its network. */
export async function loseDisk(holder: Container, joinTerm: number): Promise<void> {
  const code = `const fs = require("node:fs");
    for (const name of fs.readdirSync("/data")) fs.rmSync("/data/" + name, { recursive: true });
    fs.writeFileSync("/data/${JOIN_MARK}", "${joinTerm}");`;
  const exec = await holder.exec({
    Cmd: ["node", "-e", code],
    // By number: an image may have no names of users.
    User: "0:0",
    AttachStdout: true,
    AttachStderr: true,
    Tty: true,
  });
  const output = await exec.start({ Tty: true });
  let text = "";
  output.on("data", (chunk: Buffer) => (text += chunk.toString()));
  await new Promise((resolve) => output.once("end", resolve));
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0) throw new EnvironmentError(`its disk could not be emptied: ${text.trim()}`);
}

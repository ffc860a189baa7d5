import type { NodeFaults } from "../../base/node-faults.ts";
import { FAULTS_PATH } from "../../system/put-faults.ts";
import type { Container } from "./engine.ts";

/** Tells a node its faults from inside its own container, for when it is off its network. */
export async function putFaultsFromInside(
  container: Container,
  port: number,
  faults: NodeFaults,
): Promise<unknown> {
  const url = `http://127.0.0.1:${port}${FAULTS_PATH}`;
  const call = { method: "PUT", body: JSON.stringify(faults) };
  const code = `fetch(${JSON.stringify(url)}, ${JSON.stringify(call)})
    .then((response) => response.text())
    .then((text) => process.stdout.write(text));`;
  const exec = await container.exec({ Cmd: ["node", "-e", code], AttachStdout: true, Tty: true });
  const output = await exec.start({ Tty: true });
  const chunks: Buffer[] = [];
  output.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => output.once("end", resolve));
  return JSON.parse(Buffer.concat(chunks).toString());
}

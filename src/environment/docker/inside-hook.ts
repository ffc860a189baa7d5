import type { NodeFaults } from "../../base/node-faults.ts";
import { FAULTS_PATH } from "../../system/put-faults.ts";
import type { Container } from "./engine.ts";
import { runInside } from "./run-inside.ts";

/** Tells a bundled node its faults from inside its own container, for when it is off its network. */
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
  return JSON.parse(await runInside(container, ["node", "-e", code]));
}

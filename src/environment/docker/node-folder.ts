import { EnvironmentError, messageOf } from "../../base/errors.ts";
import { formatSeenOut, JOIN_MARK, type SeenOut } from "../../base/join-mark.ts";
import type { Container } from "./engine.ts";
import { runInside } from "./run-inside.ts";

/** A node's folder in its container and in the one that holds its network, which always has Node.js. */
export const NODE_FOLDER = "/data";

/** Whoever the image's program runs as may read and replace them. */
const WRITE = `
const [folder, files] = process.argv.slice(1);
for (const [name, text] of Object.entries(JSON.parse(files))) {
  fs.writeFileSync(folder + "/" + name, text);
  fs.chmodSync(folder + "/" + name, 0o666);
}`;

export async function writeFiles(
  holder: Container,
  files: Readonly<Record<string, string>>,
): Promise<void> {
  if (Object.keys(files).length === 0) return;
  await runInside(holder, ["node", "-e", WRITE, NODE_FOLDER, JSON.stringify(files)]);
}

const EMPTY = `
const [folder, mark, seenOut] = process.argv.slice(1);
for (const name of fs.readdirSync(folder)) fs.rmSync(folder + "/" + name, { recursive: true });
fs.writeFileSync(folder + "/" + mark, seenOut);`;

/** Empties the folder of a node that does not run; `seenOut` is for a bundled one that joins anew. */
export async function loseDisk(holder: Container, seenOut: SeenOut): Promise<void> {
  const command = ["node", "-e", EMPTY, NODE_FOLDER, JOIN_MARK, formatSeenOut(seenOut)];
  try {
    await runInside(holder, command, { user: "0:0" });
  } catch (error) {
    throw new EnvironmentError(`its disk could not be emptied: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

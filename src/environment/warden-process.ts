import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { EnvironmentError } from "../base/errors.ts";
import type { NodeId } from "../base/node-id.ts";
import { waitUntil } from "./wait.ts";
import type { Door, WardenAnswer, WardenMessage } from "./warden.ts";

const ENTRY = fileURLToPath(new URL("warden.js", import.meta.url));
const DEADLINE_MS = 10_000;

/** See `warden.ts`. */
export class WardenProcess implements AsyncDisposable {
  readonly pid: number;
  readonly #child: ChildProcess;
  #said: WardenAnswer | undefined;

  constructor() {
    const child = fork(ENTRY, [], { stdio: ["ignore", "ignore", "inherit", "ipc"], execArgv: [] });
    child.on("message", (message) => (this.#said = message as WardenAnswer));
    child.once("error", ({ message: reason }) => (this.#said = { type: "failed", reason }));
    this.#child = child;
    this.pid = child.pid ?? 0;
  }

  began(node: NodeId, pid: number): void {
    this.#tell({ type: "began", node, pid });
  }

  ended(pid: number): void {
    this.#tell({ type: "ended", pid });
  }

  async open(doors: readonly Door[]): Promise<void> {
    if (process.platform !== "linux") {
      throw new EnvironmentError(
        "who calls an address that all nodes share can only be found out on Linux; run this system there",
      );
    }
    this.#tell({ type: "open", doors });
    await waitUntil("the nodes' shared addresses are listened on", DEADLINE_MS, () => {
      if (this.#said?.type === "failed") return { failed: this.#said.reason };
      return this.#said === undefined ? "no word from the warden yet" : true;
    });
  }

  /** One sentence where there is no warden, who ends the nodes if we are killed. */
  trouble(): string | undefined {
    return this.#said?.type === "failed" ? `the warden failed: ${this.#said.reason}` : undefined;
  }

  #tell(message: WardenMessage): void {
    // It may be gone before it is told.
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.pid === undefined) return;
    this.#child.kill("SIGKILL");
    await waitUntil("the warden is gone", DEADLINE_MS, () =>
      this.#child.exitCode === null && this.#child.signalCode === null ? "still there" : true,
    );
  }
}

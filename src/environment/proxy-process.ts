import { fork, type ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { waitUntil } from "./wait.ts";
import type { Overheard } from "./wire-watch.ts";

const ENTRY = fileURLToPath(new URL("../toxiproxy/main.js", import.meta.url));
const READY_DEADLINE_MS = 10_000;

export interface WireTap {
  readonly paths: readonly string[];
  readonly hear: (overheard: Overheard) => void;
}

/**
 * The embedded Toxiproxy-compatible server in a process of its own: in the harness's, a busy checker would
 * become latency of the network.
 */
export class ProxyProcess implements AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  readonly #child: ChildProcess;
  readonly #stderr: () => string;
  #isExpectedToExit = false;

  private constructor(child: ChildProcess, url: string, stderr: () => string) {
    this.#child = child;
    this.#stderr = stderr;
    this.pid = child.pid ?? 0;
    this.url = url;
  }

  /** `wire`: calls to these paths are read along and told. */
  static async start(seed: string, wire?: WireTap): Promise<ProxyProcess> {
    const taps = wire?.paths.flatMap((path) => ["--tap", path]) ?? [];
    const args = ["--host", "127.0.0.1", "--port", "0", "--seed", seed, ...taps];
    const child = fork(ENTRY, args, { stdio: ["ignore", "ignore", "pipe", "ipc"], execArgv: [] });
    let stderr = "";
    let port: number | undefined;
    let hasEnded = false;
    child.stderr?.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
    child.once("exit", () => (hasEnded = true));
    child.once("error", ({ message }) => {
      hasEnded = true;
      stderr += message;
    });
    child.on("message", (message: { listening?: { port: number }; overheard?: Overheard }) => {
      port = message.listening?.port ?? port;
      if (message.overheard !== undefined) wire?.hear(message.overheard);
    });
    try {
      await waitUntil("the embedded Toxiproxy server listens", READY_DEADLINE_MS, () => {
        if (hasEnded) return { failed: `it ended at once: ${stderr.trim()}` };
        return port === undefined ? "no word from it yet" : true;
      });
    } catch (error) {
      // Nobody else knows of it, and as long as it lives the harness does too.
      child.kill("SIGKILL");
      throw error;
    }
    return new ProxyProcess(child, `http://127.0.0.1:${port}`, () => stderr);
  }

  /** One sentence if the server has ended by itself. */
  trouble(): string | undefined {
    const { exitCode, signalCode } = this.#child;
    if (this.#isExpectedToExit || (exitCode === null && signalCode === null)) return undefined;
    const exit = signalCode ?? `exit code ${exitCode}`;
    return `the embedded Toxiproxy server ended by itself (${exit}) ${this.#stderr()}`.trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isExpectedToExit = true;
    this.#child.kill("SIGKILL");
    await waitUntil("the embedded Toxiproxy server is gone", READY_DEADLINE_MS, () =>
      this.#child.exitCode === null && this.#child.signalCode === null ? "still there" : true,
    );
  }
}

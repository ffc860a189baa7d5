import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import process from "node:process";
import { expect, test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { findFreePorts } from "../../src/environment/ports.ts";
import { waitUntil } from "../../src/environment/wait.ts";
import { temporaryResults } from "./raftwreck.ts";

const ENTRY = path.resolve(import.meta.dirname, "../../dist/node/keeper.js");

test.each(["SIGUSR2", "SIGQUIT"] as const)(
  "a node that is to start again while it still ends from %s does",
  async (signal) => {
    using folder = temporaryResults();
    const [port = 0] = await findFreePorts(1, createPrng(signal));
    const flags = ["--id", "n1", "--listen", `127.0.0.1:${port}`, "--data", folder.folder];
    const keeper = spawn(process.execPath, [ENTRY, ...flags], { stdio: "ignore" });
    const pid = async (): Promise<number | undefined> => {
      const response = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
      return ((await response?.json()) as { pid: number } | undefined)?.pid;
    };
    try {
      await waitUntil("it is up", 20_000, async () => (await pid()) !== undefined || "not up");
      const first = await pid();
      keeper.kill(signal);
      keeper.kill("SIGHUP");
      await waitUntil("another process is up", 20_000, async () => {
        const now = await pid();
        return (now !== undefined && now !== first) || `process ${String(now)} is`;
      });
      expect(keeper.exitCode).toBeNull();
    } finally {
      keeper.kill("SIGTERM");
      await once(keeper, "exit");
    }
  },
);

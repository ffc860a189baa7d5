import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import process from "node:process";
import { text } from "node:stream/consumers";
import { test } from "vitest";
import { createPrng } from "../../src/base/prng.ts";
import { findFreePorts } from "../../src/environment/ports.ts";
import { waitUntil } from "../../src/environment/wait.ts";
import { temporaryResults } from "./raftwreck.ts";

const ENTRY = path.resolve(import.meta.dirname, "../../dist/node/keeper.js");

const SIGTERM_BIT = 1n << 14n;

/** Sent to it, and not taken yet. */
function isPending(pid: number, bit: bigint): boolean {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const [, mask = "0"] = /^ShdPnd:\s*(\w+)$/m.exec(status) ?? [];
  return (BigInt(`0x${mask}`) & bit) !== 0n;
}

/** All of its threads: until then one of them may still take a signal. */
function isStopped(pid: number): boolean {
  return readdirSync(`/proc/${pid}/task`).every((thread) =>
    /^State:\s*T/m.test(readFileSync(`/proc/${pid}/task/${thread}/status`, "utf8")),
  );
}

test("a node that is to start again while it still ends does", async () => {
  using folder = temporaryResults();
  const [port = 0] = await findFreePorts(1, createPrng("keeper"));
  const flags = ["--id", "n1", "--listen", `127.0.0.1:${port}`, "--data", folder.folder];
  const keeper = spawn(process.execPath, [ENTRY, ...flags], {
    stdio: ["ignore", "ignore", "pipe"],
    detached: true,
  });
  const told = text(keeper.stderr);
  const ended = once(keeper, "exit");
  /** Of the node, as soon as it answers and is not this one. */
  const pidOtherThan = async (old?: number): Promise<number> => {
    let pid = 0;
    await waitUntil("the node is up", 20_000, async () => {
      if (keeper.exitCode !== null) return { failed: `the keeper ended: ${await told}` };
      const response = await fetch(`http://127.0.0.1:${port}/status`).catch(() => undefined);
      ({ pid = 0 } = ((await response?.json()) ?? {}) as { pid?: number });
      return (pid !== 0 && pid !== old) || `process ${pid} is`;
    });
    return pid;
  };
  try {
    const pid = await pidOtherThan();
    // As one that takes its time to end.
    process.kill(pid, "SIGSTOP");
    await waitUntil("it is stopped", 20_000, () => isStopped(pid) || "it runs");
    keeper.kill("SIGQUIT");
    await waitUntil("it is asked to end", 20_000, () => isPending(pid, SIGTERM_BIT) || "not asked");
    keeper.kill("SIGHUP");
    process.kill(pid, "SIGCONT");
    await pidOtherThan(pid);
  } finally {
    // With its node, be that stopped or not.
    if (keeper.pid !== undefined) process.kill(-keeper.pid, "SIGKILL");
    await ended;
  }
});

import { type ChildProcess, execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { startToxiproxyServer } from "../../src/toxiproxy/server.ts";

// The process entry, built into a folder of its own: Node.js 20 runs no TypeScript.

const ROOT = resolve(import.meta.dirname, "../..");
let built = "";
let children: ChildProcess[] = [];

beforeAll(async () => {
  built = await mkdtemp(join(tmpdir(), "raftwreck-toxiproxy-"));
  const config = {
    extends: join(ROOT, "tsconfig.json"),
    compilerOptions: {
      outDir: built,
      rootDir: ROOT,
      typeRoots: [join(ROOT, "node_modules/@types")],
    },
    include: [],
    files: [join(ROOT, "src/toxiproxy/main.ts")],
  };
  await writeFile(join(built, "tsconfig.json"), JSON.stringify(config));
  await writeFile(join(built, "package.json"), '{"type":"module"}');
  await promisify(execFile)(join(ROOT, "node_modules/.bin/tsc"), ["-p", built]);
}, 60_000);

afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  children = [];
});

afterAll(() => rm(built, { recursive: true, force: true }));

interface Run {
  readonly child: ChildProcess;
  /** First line of stdout. */
  readonly line: Promise<string>;
  readonly exit: Promise<{ code: number | null; stderr: string }>;
}

function run(args: readonly string[], ipc = false): Run {
  const stdio = ["pipe", "pipe", "pipe", ...(ipc ? ["ipc" as const] : [])] as const;
  const child = spawn(process.execPath, [join(built, "src/toxiproxy/main.js"), ...args], {
    stdio: [...stdio],
  });
  children.push(child);
  let stderr = "";
  child.stderr?.on("data", (chunk) => {
    stderr += String(chunk);
  });
  return {
    child,
    line: once(child.stdout!, "data").then(([chunk]) => String(chunk)),
    // Not "close": after a disconnect Node.js never tells of it.
    exit: Promise.all([once(child, "exit"), once(child.stderr!, "end")]).then(([[code]]) => ({
      code: code as number | null,
      stderr,
    })),
  };
}

const ANY_PORT = ["--host", "127.0.0.1", "--port", "0", "--seed", "x"];

test("says where it listens, on one line, and answers there", async () => {
  const { line } = run(ANY_PORT);
  expect(await line).toMatch(/^\{"listening":\{"host":"127\.0\.0\.1","port":\d+\}\}\n$/);
  const { listening } = JSON.parse(await line) as { listening: { port: number } };
  const response = await fetch(`http://127.0.0.1:${listening.port}/version`);
  expect(await response.json()).toEqual({ version: "2.12.0" });
});

test.each(["SIGTERM", "SIGINT"] as const)("%s ends it", async (signal) => {
  const { child, line, exit } = run(ANY_PORT);
  await line;
  child.kill(signal);
  expect(await exit).toEqual({ code: 0, stderr: "" });
});

test("over IPC it says the same, and ends with its parent", async () => {
  const { child, line, exit } = run(ANY_PORT, true);
  const [message] = (await once(child, "message")) as [unknown];
  expect(message).toEqual(JSON.parse(await line));
  child.disconnect();
  expect(await exit).toEqual({ code: 0, stderr: "" });
});

test("--exit-with-stdin ends it with its stdin", async () => {
  const { child, line, exit } = run([...ANY_PORT, "--exit-with-stdin"]);
  await line;
  child.stdin?.end();
  expect(await exit).toEqual({ code: 0, stderr: "" });
});

test("a taken port: one sentence, exit 69", async () => {
  await using server = await startToxiproxyServer({ host: "127.0.0.1", port: 0, seed: "x" });
  const { exit } = run(["--port", String(server.port)]);
  const { code, stderr } = await exit;
  expect(code).toBe(69);
  expect(stderr).toMatch(/^Toxiproxy can't listen on 127\.0\.0\.1:\d+ .*\n$/);
});

test.each([
  [["--port", "many"], "--port must be a number from 0 to 65535, not many\n"],
  [["--port", "65536"], "--port must be a number from 0 to 65535, not 65536\n"],
  [["--nope"], /^Unknown option '--nope'.*\n$/],
  [["extra"], /^Unexpected argument 'extra'.*\n$/],
])("bad flags %j: one sentence, exit 64", async (args, sentence) => {
  const { code, stderr } = await run(args).exit;
  expect(code).toBe(64);
  expect(stderr).toEqual(typeof sentence === "string" ? sentence : expect.stringMatching(sentence));
});

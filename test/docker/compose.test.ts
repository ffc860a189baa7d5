import { execFile, execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectEngine } from "../../src/environment/docker/engine.ts";
import { hasImage } from "../../src/environment/docker/images.ts";
import { packageClosure, PACKAGE_ROOT } from "../../src/environment/docker/package-root.ts";
import { proxyImage } from "../../src/environment/docker/proxy-image.ts";
import { onlyRun, raftwreck, resultsOf, temporaryResults } from "../local/raftwreck.ts";
import { evaluate, noDocker } from "./engine.ts";

/** "docker compose" or "docker-compose", whichever is there. */
const compose = [["docker", "compose"], ["docker-compose"]].find(([command = "", ...args]) => {
  try {
    execFileSync(command, [...args, "version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
});
const proxy = noDocker === undefined ? await proxyImage(await connectEngine()) : undefined;
const missing =
  noDocker ??
  (compose === undefined ? "there is no Compose" : undefined) ??
  (proxy?.type === "embedded" ? proxy.reason : undefined);

const PROJECT = `raftwreck-test-${process.pid}`;
const NODES = ["n1", "n2", "n3", "n4", "n5"];

/** The compose file, and all that its images are made of where nothing can be fetched. */
const folder = mkdtempSync(path.join(os.tmpdir(), "raftwreck-compose-"));
let env: NodeJS.ProcessEnv = {};

function run(...args: string[]): Promise<{ exitCode: number; output: string }> {
  const [command = "", ...first] = compose ?? [];
  return new Promise((resolve) => {
    execFile(
      command,
      [...first, "-p", PROJECT, ...args],
      { cwd: folder, env, maxBuffer: 2 ** 28 },
      (error, stdout, stderr) =>
        resolve({ exitCode: error === null ? 0 : Number(error.code), output: stdout + stderr }),
    );
  });
}

describe.skipIf(missing !== undefined)(
  `the compose project${missing ? ` (${missing})` : ""}`,
  () => {
    beforeAll(async () => {
      const files = ["bin", "dist", "node", "deploy", "package.json", "docker-compose.yml"];
      for (const file of [...files, ".dockerignore"]) {
        cpSync(path.join(PACKAGE_ROOT, file), path.join(folder, file), { recursive: true });
      }
      const { dependencies } = JSON.parse(
        readFileSync(path.join(PACKAGE_ROOT, "package.json"), "utf8"),
      ) as { dependencies: Record<string, string> };
      for (const [name, from] of Object.keys(dependencies).flatMap((each) => [
        ...packageClosure(each),
      ])) {
        const to = path.join(folder, "node_modules", name);
        cpSync(from, to, { recursive: true, dereference: true });
      }
      mkdirSync(path.join(folder, "results"));
      const engine = await connectEngine();
      const isLocal = await hasImage(engine, "raftwreck-base:local");
      env = {
        ...process.env,
        RAFTWRECK_IMAGE: PROJECT,
        RAFTWRECK_BUILD_TARGET: "prebuilt",
        ...(isLocal ? { RAFTWRECK_BASE_IMAGE: "raftwreck-base:local" } : {}),
        ...(proxy?.type === "real" ? { RAFTWRECK_TOXIPROXY_IMAGE: proxy.image } : {}),
        RAFTWRECK_DURATION: "15",
        RAFTWRECK_FLAGS: "--nemesis-interval 4 --seed compose",
      };
    });

    afterAll(async () => {
      await run("down", "--volumes");
      const engine = await connectEngine();
      await engine
        .getImage(PROJECT)
        .remove({ force: true })
        .catch(() => undefined);
      rmSync(folder, { recursive: true, force: true });
    });

    test("up --exit-code-from chaos ends with the verdict of a run, and the report is outside", async () => {
      const { exitCode, output } = await run("up", "--exit-code-from", "chaos");
      expect(exitCode, output.slice(-8000)).toBe(0);
      const { verdict, plan, checks } = resultsOf(onlyRun(path.join(folder, "results")));
      expect({ verdict, attach: plan.attach }).toEqual({ verdict: "valid", attach: "self" });
      expect(checks.every((check) => check.verdict === "valid")).toBe(true);
    });

    test("what is up can be wrecked from this host as well, and runs on healed", async () => {
      using results = temporaryResults();
      await run("up", "-d", ...NODES);
      const faults = "partition,latency,kill,pause,stop";
      const args = ["-e", "docker", "--attach", PROJECT, "--duration", "15", "--nemesis", faults];
      const { exitCode, stdout, stderr } = await raftwreck([...args, "-o", results.folder]);
      expect(exitCode, stdout + stderr).toBe(0);
      const engine = await connectEngine();
      const containers = await engine.listContainers({
        filters: { label: [`com.docker.compose.project=${PROJECT}`] },
      });
      expect(containers.length).toBe(NODES.length + 1);
      expect(containers.every(({ State }) => State === "running")).toBe(true);
      const answer = await fetch("http://127.0.0.1:8474/proxies");
      const proxies = Object.values(
        (await answer.json()) as Record<string, { enabled: boolean; toxics: [] }>,
      );
      expect(proxies.filter(({ enabled, toxics }) => !enabled || toxics.length > 0)).toEqual([]);
    });

    test("no node reaches another but through Toxiproxy", async () => {
      const engine = await connectEngine();
      const filters = { label: [`com.docker.compose.project=${PROJECT}`] };
      const found = await engine.listContainers({ filters });
      const of = (service: string) =>
        found.find(({ Labels }) => Labels["com.docker.compose.service"] === service);
      const [address] = Object.values(of("n2")?.NetworkSettings.Networks ?? {});
      const call = (host: string): Promise<string> =>
        evaluate(
          engine.getContainer(of("n1")?.Id ?? ""),
          `fetch("http://${host}/healthz", { signal: AbortSignal.timeout(1500) })
          .then(({ status }) => console.log(String(status)), () => console.log("unreachable"))`,
        );
      expect(await call("n2:8080")).toBe("unreachable");
      expect(await call(`${address?.IPAddress}:8080`)).toBe("unreachable");
      expect(await call("toxiproxy:20102")).toBe("200");
    });

    test("a seeded bug in the project's nodes is caught, and the exit code says so", async () => {
      await run("down", "--volumes");
      env = {
        ...env,
        RAFTWRECK_NODE_FLAGS: "--mutant commit-no-quorum --unsafe",
        RAFTWRECK_NEMESIS: "none",
        RAFTWRECK_FLAGS: "--fail-fast",
      };
      const { exitCode, output } = await run("up", "--exit-code-from", "chaos");
      expect(exitCode, output.slice(-8000)).toBe(1);
      expect(output).toContain("SAFETY VIOLATION");
    });
  },
);

describe.skipIf(noDocker !== undefined)("--attach", () => {
  test.each([
    [
      "a project that there is not",
      ["-e", "docker", "--attach", "no-such"],
      "no such compose project",
    ],
    ["nodes that are processes", ["--attach", "any"], "--environment docker"],
    [
      "self outside of a container",
      ["-e", "docker", "--attach", "self"],
      "write the project's name",
    ],
    ["a seeded bug", ["-e", "docker", "--attach", "any", "--mutant", "vote-twice"], "--mutant"],
    ["proxied clients", ["-e", "docker", "--attach", "any", "--proxy-clients"], "client links"],
  ])("refuses %s in one sentence", async (_what, args, sentence) => {
    const { exitCode, stderr } = await raftwreck(args);
    expect(exitCode).toBe(64);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

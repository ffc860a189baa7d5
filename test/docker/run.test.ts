import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import { connectEngine } from "../../src/environment/docker/engine.ts";
import {
  countRemains,
  findRemains,
  remainsOf,
  removeRemains,
} from "../../src/environment/docker/remains.ts";
import {
  onlyRun,
  processesOf,
  Raftwreck,
  raftwreck,
  resultsOf,
  temporaryResults,
} from "../local/raftwreck.ts";
import { EngineRelay } from "./engine-relay.ts";
import { noDocker, titled } from "./engine.ts";

// What dead runs left before these tests is no finding of theirs.
beforeAll(async () => {
  if (noDocker !== undefined) return;
  const engine = await connectEngine();
  await removeRemains(engine, await findRemains(engine));
});

describe.skipIf(noDocker !== undefined)(titled("nodes in docker"), () => {
  test("a run on the correct nodes ends with 0, also under every kind of fault", async () => {
    using results = temporaryResults();
    const chaos = ["--duration", "20", "--nemesis", "all", "--seed", "everything"];
    const args = ["-e", "docker", ...chaos, "-o", results.folder];
    const { exitCode, stdout, stderr } = await raftwreck(args);
    expect(exitCode, stdout + stderr).toBe(0);
    const { verdict, plan } = resultsOf(onlyRun(results.folder));
    expect({ verdict, environment: plan.environment }).toEqual({
      verdict: "valid",
      environment: "docker",
    });
    expect(processesOf(results.folder)).toEqual([]);
    await nothingIsLeft();
  });

  test("with trouble on the clients' own links as well", async () => {
    using results = temporaryResults();
    // While all nodes refuse them clients get nothing done: that is noticed on the busiest machine.
    const refusal = { type: "client-link", nodes: "all", trouble: "refuse" };
    const silence = { type: "client-link", nodes: "leader", trouble: "drop" };
    const file = path.join(results.folder, "links.json");
    const faults = [
      { at: 2, fault: refusal, for: 3 },
      { at: 6, fault: silence, for: 3 },
    ];
    writeFileSync(file, JSON.stringify({ faults }));
    const args = ["--duration", "10", "--proxy-clients", "--schedule", file];
    const flags = ["-e", "docker", ...args, "-o", results.folder];
    const { exitCode, stdout } = await raftwreck(flags);
    expect(exitCode, stdout).toBe(0);
  });

  test("Ctrl-C heals, checks, reports and leaves nothing", async () => {
    using results = temporaryResults();
    const run = new Raftwreck(["-e", "docker", "--duration", "60", "-o", results.folder]);
    await run.waitFor(/fault on/, 60_000);
    run.child.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(130);
    expect(resultsOf(onlyRun(results.folder)).interruptedBy).toBe("SIGINT");
    expect(processesOf(results.folder)).toEqual([]);
    await nothingIsLeft();
  });
});

describe.skipIf(noDocker !== undefined)(titled("whatever happens in docker"), () => {
  test("after kill -9 the next start removes what was left, paused nodes included", async () => {
    using results = temporaryResults();
    const file = path.join(results.folder, "pause.json");
    const pause = [{ at: 1, fault: { type: "pause", nodes: "leader" }, for: 50 }];
    writeFileSync(file, JSON.stringify(pause));
    const flags = ["-e", "docker", "--duration", "60", "--schedule", file, "-o", results.folder];
    const run = new Raftwreck(flags);
    await run.waitFor(/fault on/, 60_000);
    run.child.kill("SIGKILL");
    await run.ended;
    const runId = path.basename(onlyRun(results.folder));
    const engine = await connectEngine();
    expect(countRemains(await remainsOf(engine, runId))).toBeGreaterThan(10);
    const check = await raftwreck(["check", "latest", "-o", results.folder, "--json"]);
    expect((JSON.parse(check.stdout) as { verdict: string }).verdict).not.toBe("invalid");

    using others = temporaryResults();
    const next = await raftwreck(["-e", "docker", "--duration", "3", "-o", others.folder]);
    expect(next.stderr).toContain("that a killed run had left behind");
    expect(countRemains(await remainsOf(engine, runId))).toBe(0);
  });

  test("an engine that stops ends the run with 69, what was recorded is checked, the rest removed later", async () => {
    using results = temporaryResults();
    using relay = new EngineRelay();
    const flags = ["-e", "docker", "--duration", "60", "-o", results.folder];
    const run = new Raftwreck(flags, { DOCKER_HOST: relay.host });
    await run.waitFor(/fault on/, 60_000);
    relay.cut();
    const { exitCode, stdout, stderr } = await run.ended;
    expect(exitCode, stdout + stderr).toBe(69);
    expect(stdout).toContain("the Docker engine stopped answering");
    expect(stdout + stderr).not.toContain("    at ");
    const { checks } = resultsOf(onlyRun(results.folder));
    expect(checks.some(({ verdict }) => verdict === "valid")).toBe(true);
    await raftwreck(["doctor", "--clean", "-o", results.folder]);
    await nothingIsLeft();
  });

  test("doctor tells of leftovers, and removes them when asked to", async () => {
    using results = temporaryResults();
    const run = new Raftwreck(["-e", "docker", "--duration", "60", "-o", results.folder]);
    await run.waitFor(/ load /, 60_000);
    run.child.kill("SIGKILL");
    await run.ended;
    const told = await raftwreck(["doctor", "-o", results.folder]);
    expect(told.exitCode).toBe(69);
    expect(told.stdout).toMatch(/trouble {2}containers/);
    const cleaned = await raftwreck(["doctor", "--clean", "-o", results.folder]);
    expect(cleaned.exitCode, cleaned.stdout).toBe(0);
    await nothingIsLeft();
  });

  test("auto says which environment and why", async () => {
    using results = temporaryResults();
    const args = ["-e", "auto", "--duration", "3", "--allow-unknown", "-o", results.folder];
    const { stderr } = await raftwreck(args);
    expect(stderr).toContain("environment docker: the engine answers");
  });

  test("an image that is not there is named, with what to do", async () => {
    const env = { RAFTWRECK_NODE_IMAGE: "localhost:1/no-such-image:1" };
    const { exitCode, stderr } = await raftwreck(["-e", "docker"], env);
    expect(exitCode).toBe(69);
    expect(stderr).toContain("localhost:1/no-such-image:1");
    expect(stderr).toContain("RAFTWRECK_NODE_IMAGE");
    expect(stderr).not.toContain("    at ");
  });
});

describe("without an engine", () => {
  const nowhere = mkdtempSync(path.join(os.tmpdir(), "raftwreck-no-engine-"));
  const env = { DOCKER_HOST: `unix://${nowhere}/docker.sock` };

  test("docker is refused with 69 and what to do", async () => {
    const { exitCode, stderr, stdout } = await raftwreck(["-e", "docker"], env);
    expect(exitCode).toBe(69);
    expect(stderr).toContain("no Docker engine answers");
    expect(stderr).toContain("--environment local");
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stdout).toBe("");
    rmSync(nowhere, { recursive: true, force: true });
  });

  test("an engine on another host is refused, since traces could not be read", async () => {
    const elsewhere = { DOCKER_HOST: "tcp://192.0.2.1:2375" };
    const { exitCode, stderr } = await raftwreck(["-e", "docker"], elsewhere);
    expect(exitCode).toBe(69);
    expect(stderr).toContain("DOCKER_HOST");
  });

  test("auto runs processes instead, and says why", async () => {
    using results = temporaryResults();
    const args = ["-e", "auto", "--duration", "4", "--allow-unknown", "-o", results.folder];
    const { exitCode, stderr } = await raftwreck(args, env);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/environment local: no Docker engine answers/);
  });
});

/** No container, network or volume of a dead or finished run; what lives belongs to others. */
async function nothingIsLeft(): Promise<void> {
  if (noDocker !== undefined) return;
  const engine = await connectEngine();
  await waitUntil("nothing is left", 10_000, async () => {
    const count = countRemains(await findRemains(engine));
    return count === 0 ? true : `${count} containers, networks and volumes`;
  });
}

import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import os from "node:os";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import yargs from "yargs";
import { runFlags } from "../../src/commands/run-flags.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, file), "utf8");

interface Step {
  readonly run?: string;
  readonly uses?: string;
  readonly if?: string;
  readonly shell?: string;
  readonly with?: Readonly<Record<string, unknown>>;
  readonly env?: Readonly<Record<string, string>>;
}

interface Job {
  readonly steps: readonly Step[];
  readonly strategy?: { readonly matrix: { readonly node: readonly number[] } };
}

const action = parse(read("action.yml")) as {
  readonly inputs: Readonly<Record<string, { readonly description: string }>>;
  readonly outputs: Readonly<Record<string, { readonly value: string }>>;
  readonly runs: { readonly using: string; readonly steps: readonly Step[] };
};
const workflow = parse(read(".github/workflows/chaos.yml")) as {
  readonly jobs: Readonly<Record<string, Job>>;
};
const { scripts } = JSON.parse(read("package.json")) as { scripts: Record<string, string> };
const jobs = Object.entries(workflow.jobs);
const allSteps = [...action.runs.steps, ...jobs.flatMap(([, { steps }]) => steps)];
const scriptText = allSteps.map(({ run }) => run ?? "").join("\n");

describe("the workflow and the action", () => {
  test("run only scripts that there are", () => {
    const named = [...scriptText.matchAll(/npm run (?:--silent )?([\w:-]+)/g)];
    expect(named.length).toBeGreaterThan(1);
    for (const [, name = ""] of named) expect(scripts, name).toHaveProperty([name]);
  });

  test("give the harness only flags that it has", async () => {
    const help = await runFlags(yargs([])).getHelp();
    const call = action.runs.steps.find(({ run }) => run?.includes("raftwreck.js"))?.run ?? "";
    const flags = [...call.matchAll(/[ (](--[a-z-]+)/g)].map(([, flag]) => flag ?? "");
    expect(flags).toContain("--seed");
    for (const flag of flags) expect(help).toContain(flag);
  });

  test("use actions of a stated version, or this one", () => {
    const used = allSteps.flatMap(({ uses }) => uses ?? []);
    expect(used.filter((name) => name !== "./" && !/^[\w-]+\/[\w-]+@v\d+$/.test(name))).toEqual([]);
  });

  test("let nothing that callers write become part of a script", () => {
    expect(scriptText).not.toContain("${{");
  });

  test("name services and variables that the compose file has", () => {
    const compose = read("docker-compose.yml");
    const variables = allSteps.flatMap(({ env }) =>
      Object.keys(env ?? {}).filter((name) => name.startsWith("RAFTWRECK_")),
    );
    expect(variables).toContain("RAFTWRECK_DURATION");
    for (const name of variables) expect(compose).toContain(`\${${name}:-`);
    expect(scriptText).toContain("--exit-code-from chaos");
  });
});

describe("action.yml", () => {
  test("uses each of its inputs, and no other", () => {
    const used = [...read("action.yml").matchAll(/\$\{\{ inputs\.([\w-]+) \}\}/g)];
    expect(new Set(used.map(([, name]) => name))).toEqual(new Set(Object.keys(action.inputs)));
  });

  test("hands every input of the run over as data, and says in which shell", () => {
    expect(action.runs.using).toBe("composite");
    const scripted = action.runs.steps.filter(({ run }) => run !== undefined);
    expect(scripted.every(({ shell }) => shell === "bash")).toBe(true);
    for (const { run = "", env = {} } of scripted) {
      for (const name of Object.keys(env)) expect(run, name).toContain(`$${name}`);
    }
  });

  test("leaves to configuration and system whatever its caller does not say", () => {
    const script = action.runs.steps.find(({ run }) => run?.includes("raftwreck.js"))?.run ?? "";
    const folder = mkdtempSync(path.join(os.tmpdir(), "raftwreck-action-"));
    mkdirSync(path.join(folder, "bin"));
    const print = "console.log(JSON.stringify(process.argv.slice(2)))";
    writeFileSync(path.join(folder, "bin/raftwreck.js"), print);
    const flagsOf = (inputs: Readonly<Record<string, string>>): unknown => {
      const GITHUB_OUTPUT = path.join(folder, "output");
      const env = { PATH: process.env["PATH"], ACTION: folder, GITHUB_OUTPUT, ...inputs };
      return JSON.parse(execFileSync("bash", ["-c", script], { env, encoding: "utf8" }));
    };
    const always = ["run", "--output", "raftwreck-results"];
    try {
      expect(flagsOf({})).toEqual(always);
      const some = { ARGS: "--system etcd", NODES: "3", NEMESIS: "kill, pause" };
      expect(flagsOf(some)).toEqual(
        always.concat(["--system", "etcd", "--nodes", "3", "--nemesis", "kill, pause"]),
      );
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test("keeps the report whatever came of the run", () => {
    const upload = action.runs.steps.find(({ uses }) =>
      uses?.startsWith("actions/upload-artifact"),
    );
    expect(upload?.if).toBe("always()");
  });
});

describe("chaos.yml", () => {
  test("tests on every line of Node.js that is supported", () => {
    expect(workflow.jobs["tests"]?.strategy?.matrix.node).toEqual([20, 22, 24]);
  });

  test("gives its own action inputs that it has", () => {
    const own = jobs.flatMap(([, { steps }]) => steps).filter(({ uses }) => uses === "./");
    expect(own.length).toBeGreaterThan(0);
    for (const step of own) {
      for (const name of Object.keys(step.with ?? {})) expect(action.inputs).toHaveProperty(name);
    }
  });

  test("keeps the report of the compose run whatever came of it, and takes the project down", () => {
    const steps = workflow.jobs["compose"]?.steps ?? [];
    const after = steps.slice(1 + steps.findIndex(({ run }) => run?.includes("--exit-code-from")));
    expect(after.length).toBeGreaterThan(1);
    expect(after.every((step) => step.if === "always()")).toBe(true);
    expect(after.some(({ uses }) => uses?.startsWith("actions/upload-artifact"))).toBe(true);
    expect(after.some(({ run }) => run?.includes("down --volumes"))).toBe(true);
  });

  test("is the only workflow, so that all of them are looked at here", () => {
    expect(readdirSync(path.join(root, ".github/workflows"))).toEqual(["chaos.yml"]);
    expect(existsSync(path.join(root, "docker-compose.yml"))).toBe(true);
  });
});

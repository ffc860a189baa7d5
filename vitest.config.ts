import path from "node:path";
import { defineConfig } from "vitest/config";

// Five projects: `unit` and `sim` are pure and run from the sources; `local`, `docker` and `browser`
// start real processes from `dist`, so `npm run build` comes first and their files run one at a time.
const project = (name: string, include: string[], serial: boolean, timeoutMs: number) => ({
  test: {
    name,
    include,
    fileParallelism: !serial,
    // Of tests that say that they may run side by side: each of them starts a cluster.
    maxConcurrency: 3,
    testTimeout: timeoutMs,
    hookTimeout: timeoutMs,
  },
});

/** What examples mean by "raftwreck". */
const library = (file: string) => ({
  resolve: { alias: [{ find: /^raftwreck$/, replacement: path.join(import.meta.dirname, file) }] },
});
const SOURCE = library("src/library.ts");
const BUILT = library("dist/src/library.js");

export default defineConfig({
  test: {
    // Unless told otherwise one processor would be left idle, which on two of them is half.
    maxWorkers: "100%",
    projects: [
      {
        ...SOURCE,
        test: {
          ...project("unit", ["test/**/*.test.ts"], false, 20_000).test,
          exclude: ["test/{sim,local,docker,browser}/**", "node_modules/**"],
        },
      },
      // Nothing there waits for anything, so a limit of time would only measure how busy the machine is.
      project("sim", ["test/sim/**/*.test.ts"], false, 0),
      {
        ...BUILT,
        // Long enough for a few runs: what other people's systems do wrong may need a second one, or a third.
        ...project("local", ["test/local/**/*.test.ts", "examples/**/*.test.mjs"], true, 240_000),
      },
      project("docker", ["test/docker/**/*.test.ts"], true, 300_000),
      project("browser", ["test/browser/**/*.test.ts"], true, 120_000),
    ],
    coverage: {
      provider: "v8",
      include: ["src/base/**", "checker/**", "nemesis/**", "node/{raft,kv,storage,replica}/**"],
      exclude: ["**/*.json", "**/*.md"],
      reporter: ["text-summary", "html"],
      thresholds: { lines: 95, branches: 90 },
    },
  },
});

import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import yargs from "yargs";
import { huntChoices, huntFlags } from "../../src/commands/hunt-flags.ts";
import { countSeeds } from "../../src/hunt/seeds.ts";

const root = path.resolve(import.meta.dirname, "../..");
const read = (file: string): string => readFileSync(path.join(root, "deploy", file), "utf8");

/** What the harness understands of a shell's `… hunt …`, with the variables filled in. */
async function choicesOf(script: string, variables: Readonly<Record<string, number>>) {
  const joined = script.replaceAll("\\\n", " ");
  const line = /raftwreck\.js hunt ([^\n|;]*)/.exec(joined)?.[1] ?? "";
  const filled = line
    .replaceAll(/\$\(\(([A-Z_]+) \+ 1\)\)/g, (_, name: string) =>
      String((variables[name] ?? NaN) + 1),
    )
    .replaceAll(/\$\{([A-Z_]+)\}/g, (_, name: string) => String(variables[name]));
  const argv = await huntFlags(yargs(filled.trim().split(/\s+/)).strict().exitProcess(false))
    .fail((message, error) => {
      throw error ?? new Error(message);
    })
    .parseAsync();
  return { flags: argv, choices: await huntChoices(argv) };
}

interface HuntJob {
  readonly kind: string;
  readonly spec: {
    readonly completionMode: string;
    readonly completions: number;
    readonly parallelism: number;
    readonly template: {
      readonly spec: {
        readonly restartPolicy: string;
        readonly containers: readonly {
          readonly command: readonly string[];
          readonly args: readonly [string];
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
        }[];
        readonly volumes: readonly {
          readonly name: string;
          readonly persistentVolumeClaim: { readonly claimName: string };
        }[];
      };
    };
  };
}

describe("the job for Kubernetes", () => {
  const [job, claim] = parseAllDocuments(read("hunt-job.yaml")).map(
    (document) => document.toJS() as unknown,
  ) as [HuntJob, { readonly kind: string; readonly metadata: { readonly name: string } }];
  const { spec } = job.spec.template;
  const [container] = spec.containers;
  const script = container?.args[0] ?? "";

  test("is an indexed one whose volume is there", () => {
    expect([job.kind, job.spec.completionMode, spec.restartPolicy]).toEqual([
      "Job",
      "Indexed",
      "Never",
    ]);
    expect(container?.command).toEqual(["sh", "-c"]);
    const [volume] = spec.volumes;
    expect(container?.volumeMounts.map(({ name }) => name)).toEqual([volume?.name]);
    expect(claim.kind).toBe("PersistentVolumeClaim");
    expect(volume?.persistentVolumeClaim.claimName).toBe(claim.metadata.name);
  });

  test("gives each index a shard of its own, all of them together every seed, and results a folder", async () => {
    const { completions } = job.spec;
    const all = await Promise.all(
      Array.from({ length: completions }, (_, i) => choicesOf(script, { JOB_COMPLETION_INDEX: i })),
    );
    expect(all.map(({ choices }) => choices.shard)).toEqual(
      Array.from({ length: completions }, (_, i) => ({ index: i + 1, count: completions })),
    );
    expect(new Set(all.map(({ flags }) => flags.output)).size).toBe(completions);
    const [mount] = container?.volumeMounts ?? [];
    for (const { flags, choices } of all) {
      expect(flags.output.startsWith(`${mount?.mountPath}/shard-`)).toBe(true);
      expect(countSeeds(choices.range, choices.shard)).toBe(Infinity);
      expect(choices.timeMs).not.toBeNull();
    }
  });
});

describe("the matrix for GitHub Actions", () => {
  interface Step {
    readonly run?: string;
    readonly uses?: string;
  }
  const { jobs } = parse(read("hunt-matrix.yml")) as {
    readonly jobs: {
      readonly hunt: {
        readonly strategy: { readonly matrix: { readonly shard: readonly number[] } };
        readonly steps: readonly Step[];
      };
      readonly merge: {
        readonly needs: string;
        readonly if: string;
        readonly steps: readonly Step[];
      };
    };
  };

  test("hunts each shard of the same seeds once", async () => {
    const script = jobs.hunt.steps.find(({ run }) => run?.includes(" hunt "))?.run ?? "";
    const { shard: shards } = jobs.hunt.strategy.matrix;
    const all = await Promise.all(
      shards.map((shard) => choicesOf(script, { SHARD: shard, RUN: 12 })),
    );
    expect(all.map(({ choices }) => choices.shard)).toEqual(
      shards.map((index) => ({ index, count: shards.length })),
    );
    expect(all.map(({ choices }) => choices.range)).toEqual(
      shards.map(() => ({ from: 12_000_000, to: null })),
    );
  });

  test("merges whatever came of the shards", () => {
    expect(jobs.merge).toMatchObject({ needs: "hunt", if: "always()" });
    expect(jobs.merge.steps.some(({ run }) => run?.includes(" merge shards/shard-*"))).toBe(true);
    const used = [...jobs.hunt.steps, ...jobs.merge.steps].flatMap(({ uses }) => uses ?? []);
    expect(used.filter((name) => !/^actions\/[\w-]+@v\d+$/.test(name))).toEqual([]);
  });
});

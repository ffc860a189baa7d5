import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse as parseYaml } from "yaml";
import { ConfigError, messageOf, UsageError } from "../base/errors.ts";
import { loadDefaultExport, looksLikePath } from "../system/load-file.ts";
import type { Config } from "./config.ts";
import { readConfig } from "./read-config.ts";

const NAMES = ["ts", "mjs", "js", "json", "yaml", "yml"].map((ending) => `chaos.config.${ending}`);

export interface LoadedConfig {
  /** As it was given, or found. */
  readonly file: string;
  readonly config: Config;
}

/**
 * The configuration file that was given, else the one in the folder; undefined: there is none. Throws a
 * UserError with one sentence where it can't be read, or says what can't be.
 */
export async function loadConfig(
  given: string | undefined,
  folder: string,
): Promise<LoadedConfig | undefined> {
  const file = given ?? findConfig(folder);
  if (file === undefined) return undefined;
  const config = await read(file);
  return { file, config: fromHere(config, file) };
}

function findConfig(folder: string): string | undefined {
  const there = NAMES.filter((name) => existsSync(path.join(folder, name)));
  const [first] = there;
  if (there.length < 2) return first === undefined ? undefined : path.join(folder, first);
  throw new UsageError(
    `there are ${there.join(" and ")}: keep one of them, or say which with --config`,
  );
}

function read(file: string): Config | Promise<Config> {
  if (isModule(file)) return loadDefaultExport("--config", file, readConfig);
  if (!/\.(json|ya?ml)$/.test(file)) {
    throw new UsageError(
      `--config ${file}: write a file that ends in .ts, .mjs, .js, .json or .yaml`,
    );
  }
  if (!existsSync(file)) throw new UsageError(`--config ${file}: there is no such file`);
  return readConfig(parse(file), (sentence) => {
    throw new ConfigError(`${file}: ${sentence}`);
  });
}

function isModule(file: string): boolean {
  return /\.[cm]?[jt]s$/.test(file);
}

function parse(file: string): unknown {
  try {
    const text = readFileSync(file, "utf8");
    return file.endsWith(".json") ? (JSON.parse(text) as unknown) : (parseYaml(text) as unknown);
  } catch (error) {
    throw new ConfigError(`${file}: ${messageOf(error).split("\n")[0]}`, { cause: error });
  }
}

/**
 * Its paths as they are from the working directory. A workload that it holds is the file's own: so replays, and the threads
 * of a hunt, find it again.
 */
function fromHere(config: Config, file: string): Config {
  const folder = path.dirname(file);
  const moved = (name: unknown): unknown =>
    typeof name === "string" ? movedPath(folder, name) : name;
  const { system, workload, schedule, output } = config;
  const isFile = (name: unknown): boolean => typeof name === "string" && looksLikePath(name);
  const isHeld = typeof workload === "object" && isModule(file);
  return {
    ...config,
    ...(isFile(system) ? { system: moved(system) as string } : {}),
    ...(isFile(workload) ? { workload: moved(workload) as string } : {}),
    ...(isHeld ? { workload: file } : {}),
    ...(schedule === undefined ? {} : { schedule: moved(schedule) }),
    ...(output === undefined ? {} : { output: moved(output) as string }),
  };
}

function movedPath(folder: string, name: string): string {
  if (folder === "." || path.isAbsolute(name)) return name;
  const joined = path.join(folder, name);
  return path.isAbsolute(joined) || joined.startsWith("..") ? joined : `./${joined}`;
}

import type { RunSettings } from "./run-settings.ts";

/**
 * What a configuration file may say: the flags of `raftwreck run` in camel case. Durations are numbers (seconds, of
 * `operationTimeout` milliseconds) or texts with a unit ("500ms", "5m"). `system` and `workload` are a name, the path
 * of a file, or in a module what `defineSystem` and `defineWorkload` return; `schedule` is the path of a file or what
 * would stand in it. Paths are relative to the file.
 */
export type Config = { readonly [Name in keyof RunSettings]?: RunSettings[Name] | undefined };

/** Says what the type is; nothing more: `export default defineConfig({ … })` in chaos.config.ts or .mjs. */
export function defineConfig(config: Config): Config {
  return config;
}

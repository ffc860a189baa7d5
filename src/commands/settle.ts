import type { Config } from "./config.ts";
import { loadConfig } from "./load-config.ts";
import { SETTING_NAMES } from "./read-config.ts";
import type { RunFlags } from "./run-flags.ts";
import { DEFAULT_SETTINGS, flagName, type RunSettings } from "./run-settings.ts";

/** The settings of a run, and where each that somebody chose comes from. */
export interface Settled {
  readonly settings: RunSettings;
  /** "--duration", the name of the file, or "default". */
  readonly sourceOf: (name: keyof RunSettings) => string;
}

/**
 * Flags beat the file, which beats the defaults; where no file is given it is looked for in `folder`. Throws a
 * UserError for a file that is none.
 */
export async function settle(flags: RunFlags, folder = "."): Promise<Settled> {
  const loaded = await loadConfig(flags.config, folder);
  const config = written(loaded?.config ?? {});
  const given = written(flags);
  return {
    settings: { ...DEFAULT_SETTINGS, ...config, ...given } as RunSettings,
    sourceOf(name) {
      if (name in given) return flagName(name);
      return loaded !== undefined && name in config ? loaded.file : "default";
    },
  };
}

/** Those that somebody chose; yargs gives each flag under all of its names. */
function written(values: RunFlags | Config): Readonly<Record<string, unknown>> {
  const chosen = SETTING_NAMES.filter((name) => values[name] !== undefined);
  return Object.fromEntries(chosen.map((name) => [name, values[name]]));
}

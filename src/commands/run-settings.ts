import type { OwnFault } from "../system/own-fault.ts";
import type { System } from "../system/system.ts";
import type { OwnWorkload } from "../workload/own-workload.ts";
import type { TestOptions } from "../run/options.ts";
import type { Wording } from "../run/wording.ts";
import { bytesFlag, durationFlag } from "./flag-values.ts";

/** A duration as people write it: 30, "500ms", "5m". */
type Duration = string | number;

/** How a run is shown, and where it is kept. */
export interface ShowFlags {
  readonly output: string;
  readonly quiet: boolean;
  readonly json: boolean;
  readonly color: boolean | undefined;
}

/** How a run may be watched in a browser. */
export interface UiFlags {
  readonly ui: boolean | undefined;
  readonly uiHost: string;
  readonly uiPort: number;
  readonly uiControl: boolean;
  readonly linger: boolean;
}

/** All that a run is told, whether by flags, by a file or by default. */
export interface RunSettings extends UiFlags, ShowFlags {
  readonly system: string | System;
  readonly command: string | undefined;
  readonly image: string | undefined;
  readonly serializable: boolean;
  readonly attach: string | undefined;
  readonly environment: "auto" | "local" | "docker" | "sim";
  readonly duration: Duration;
  readonly nodes: number | undefined;
  readonly workload: string | OwnWorkload | undefined;
  readonly rate: number | undefined;
  readonly concurrency: string | number;
  readonly operationTimeout: Duration;
  readonly nemesis: readonly (string | OwnFault)[] | string | undefined;
  readonly nemesisInterval: Duration;
  readonly schedule: unknown;
  readonly proxyClients: boolean;
  readonly liveness: boolean;
  readonly seed: string | undefined;
  readonly mutant: string | undefined;
  readonly expect: string;
  readonly failFast: boolean;
  readonly repeat: number;
  readonly checkTimeout: Duration;
  readonly checkMemory: string;
  readonly availability: number | undefined;
  readonly allowUnknown: boolean;
}

/** What holds where neither a flag nor a file says otherwise. */
export const DEFAULT_SETTINGS = {
  system: "raftwreck",
  serializable: false,
  environment: "local",
  duration: "60",
  concurrency: "2n",
  operationTimeout: "1500ms",
  nemesisInterval: "10",
  proxyClients: false,
  liveness: false,
  expect: "valid",
  failFast: false,
  repeat: 1,
  checkTimeout: "60",
  checkMemory: "2gb",
  allowUnknown: false,
  output: "results",
  json: false,
  quiet: false,
  uiHost: "127.0.0.1",
  uiPort: 0,
  uiControl: false,
  linger: false,
} as const satisfies Partial<RunSettings>;

/** What a library would be told; bare numbers are seconds, of an operation's deadline milliseconds. */
export function testOptions(settings: RunSettings): TestOptions {
  const { duration, operationTimeout, nemesisInterval, checkTimeout, checkMemory } = settings;
  return {
    ...settings,
    durationMs: durationFlag("duration", duration, "s"),
    operationTimeoutMs: durationFlag("operation-timeout", operationTimeout, "ms"),
    nemesisIntervalMs: durationFlag("nemesis-interval", nemesisInterval, "s"),
    checkTimeoutMs: durationFlag("check-timeout", checkTimeout, "s"),
    checkMemoryBytes: bytesFlag("check-memory", checkMemory),
  };
}

/** On the command line. */
export const FLAG_WORDING: Wording = {
  name: flagOf,
  setting: (option, value) => `${flagOf(option)} ${value}`,
};

function flagOf(option: keyof TestOptions): string {
  return flagName(option.replace(/(Ms|Bytes)$/, ""));
}

/** "--fail-fast" of "failFast". */
export function flagName(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

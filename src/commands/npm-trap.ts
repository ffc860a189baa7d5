/** Flags of `run` that npm takes for its own settings when the "--" before them is forgotten. */
const FLAGS = [
  "duration",
  "nodes",
  "nemesis",
  "seed",
  "rate",
  "workload",
  "mutant",
  "schedule",
  "environment",
  "expect",
];

/**
 * `npm run chaos --duration=300` gives the flag to npm, which drops it into the environment: the run would
 * silently use its defaults. Returns the complaint with the command that was meant.
 */
export function npmSwallowed(
  env: Readonly<Record<string, string | undefined>>,
): string | undefined {
  if (env["npm_lifecycle_event"] !== "chaos") return undefined;
  const swallowed = FLAGS.filter((flag) => env[`npm_config_${flag}`] !== undefined);
  if (swallowed.length === 0) return undefined;
  const flags = swallowed.map((flag) => `--${flag} ${env[`npm_config_${flag}`]}`).join(" ");
  return `npm took ${swallowed.map((flag) => `--${flag}`).join(", ")} for itself; write: npm run chaos -- ${flags}`;
}

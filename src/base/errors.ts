/** What every exit code of the command means. `1` beats all others: a proven violation is never masked. */
export const EXIT = {
  valid: 0,
  invalid: 1,
  unknown: 2,
  threshold: 3,
  usage: 64,
  environment: 69,
  defect: 70,
  configuration: 78,
  interrupted: 130,
  terminated: 143,
} as const;

/** Trouble that the user can mend: shown as one sentence, never with a stack. */
export class UserError extends Error {
  override readonly name: string = "UserError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number, options?: { cause?: unknown }) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** A wrong flag or argument (exit 64). */
export class UsageError extends UserError {
  override readonly name = "UsageError";

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT.usage, options);
  }
}

/** A file of the user's that is not what it should be: schedule, history, plan (exit 78). */
export class ConfigError extends UserError {
  override readonly name = "ConfigError";

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT.configuration, options);
  }
}

/** The environment could not be set up, or broke under us (exit 69). */
export class EnvironmentError extends UserError {
  override readonly name = "EnvironmentError";

  constructor(message: string, options?: { cause?: unknown }) {
    super(message, EXIT.environment, options);
  }
}

/** The sentence of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

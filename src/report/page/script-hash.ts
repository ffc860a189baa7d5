import { createHash } from "node:crypto";

/** As a content security policy names an inline script that it lets run. */
export function hashOf(script: string): string {
  return `sha256-${createHash("sha256").update(script).digest("base64")}`;
}

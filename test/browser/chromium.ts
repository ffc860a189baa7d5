import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Browser, chromium } from "playwright-core";
import { afterAll, beforeAll } from "vitest";

/** Where the browser is: CHROMIUM_PATH, or Debian's. */
export const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** Why the browser tests cannot run; undefined if they can. Shown in the title of what is skipped. */
export const WHY_NOT = existsSync(CHROMIUM)
  ? undefined
  : `there is no Chromium at ${CHROMIUM}: apt-get install chromium, or set CHROMIUM_PATH`;

export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: CHROMIUM,
    args: [
      "--no-sandbox",
      "--headless",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

/** A browser and a folder for runs, for the tests of one `describe`. */
export function useChromium(): { readonly results: string; readonly browser: () => Browser } {
  const results = mkdtempSync(path.join(tmpdir(), "raftwreck-browser-"));
  let browser: Browser | undefined;
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(results, { recursive: true, force: true });
  });
  return {
    results,
    browser: () => {
      if (browser === undefined) throw new Error("there is no browser before the first test");
      return browser;
    },
  };
}

/** Of tests that need it: says why they are skipped, if they are. */
export function titled(title: string): string {
  return WHY_NOT === undefined ? title : `${title} (${WHY_NOT})`;
}

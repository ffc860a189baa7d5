import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { describe, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import { titled, useChromium, WHY_NOT } from "./chromium.ts";

// The README's pictures, taken anew: `npm run screenshots`.

const ROOT = path.resolve(import.meta.dirname, "../..");
const PICTURES = path.join(ROOT, "docs", "pictures");
const CLI = "bin/raftwreck.js";
const VIEW = { width: 1280, height: 720 };
/** The old leader answers a read when the others have long had another one. */
const STALE_READ =
  "--environment sim --duration 30 --nemesis partition,latency,kill,pause --nemesis-interval 5" +
  " --seed b --mutant read-leader-local --quiet";

describe.skipIf(WHY_NOT !== undefined)(titled("pictures"), () => {
  const { results, browser } = useChromium();
  mkdirSync(PICTURES, { recursive: true });

  test("of a violation's report, and of the playground in it", async () => {
    const args = [CLI, "run", ...STALE_READ.split(" "), "--output", results];
    spawnSync(process.execPath, args, { cwd: ROOT });
    const [id = ""] = readdirSync(results).filter((name) => name.includes("_invalid_"));
    const page = await browser().newPage({ viewport: VIEW });
    await page.goto(pathToFileURL(path.join(results, id, "report.html")).href);
    await take(page, "report");

    await page.evaluate(`scrollTo({
      top: document.querySelector("#explain figure").offsetTop - 90, behavior: "instant" })`);
    await take(page, "explain");

    await page.getByRole("link", { name: "Playground" }).click();
    await page.getByText(/to the byte/).waitFor();
    await page.getByRole("button", { name: "Play", exact: true }).click();
    await page.locator("#playground .violation-flag").first().waitFor();
    await page.evaluate(`scrollTo({
      top: document.getElementById("playground").offsetTop - 46, behavior: "instant" })`);
    await take(page, "playground");
    await page.close();
  });

  test("of a run that is watched", async () => {
    const args = ["run", "--environment", "local", "--duration", "120", "--nemesis", "none"];
    const ui = ["--ui-control", "--seed", "picture", "--output", results];
    const run = spawn(process.execPath, [CLI, ...args, ...ui], { cwd: ROOT });
    const ended = once(run, "exit");
    let said = "";
    run.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const url = (): string | undefined => /watch: (\S+)/.exec(said)?.[1];
    await waitUntil("the page has an address", 60_000, () => url() !== undefined || said);
    const page = await browser().newPage({ viewport: VIEW });
    await page.goto(url() ?? "");
    await page.getByText(/is leader of term 1/).waitFor();
    await page.getByRole("button", { name: "Isolate the leader" }).click();
    await page
      .getByText(/is leader of term [2-9]/)
      .first()
      .waitFor();
    const follower = page.locator(".node-card.is-follower").last();
    await follower.getByRole("button", { name: "Kill" }).click();
    await page.locator(".node-card.node-down").waitFor();
    await page.getByText(/p99 \d+ ms/).waitFor();
    await page.evaluate("scrollTo(0, 0)");
    await take(page, "live");
    await page.getByRole("button", { name: "Stop and check" }).click();
    await ended;
    await page.close();
  });
});

async function take(page: Page, name: string): Promise<void> {
  await page.mouse.move(0, 0);
  await page.screenshot({ path: path.join(PICTURES, `${name}.png`) });
}

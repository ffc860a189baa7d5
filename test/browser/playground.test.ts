import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type { Page } from "playwright-core";
import { beforeAll, describe, expect, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import type { RunResults } from "../../src/store/results.ts";
import { titled, useChromium, WHY_NOT } from "./chromium.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ROOT = path.resolve(import.meta.dirname, "../..");
const CLI = "bin/raftwreck.js";
/** A stale read, and the one fault without which there is none. */
const FAULTS = `faults:
  - { at: 2s, for: 4s, fault: { type: partition, shape: isolate-leader, mode: drop } }
  - { at: 1s, for: 1s, fault: { type: latency, links: all, latencyMs: 20, jitterMs: 10 } }
`;

describe.skipIf(WHY_NOT !== undefined)(titled("the playground in Chromium"), () => {
  const { results, browser } = useChromium();
  let report = "";
  let recorded: RunResults;

  beforeAll(() => {
    const schedule = path.join(results, "faults.yaml");
    writeFileSync(schedule, FAULTS);
    const run = ["run", "--environment", "sim", "--nodes", "3", "--duration", "7", "--seed", "2"];
    const bug = ["--mutant", "read-leader-local", "--schedule", schedule, "--quiet"];
    const { status } = spawnSync(process.execPath, [CLI, ...run, ...bug, "--output", results], {
      cwd: ROOT,
    });
    expect(status).toBe(1);
    const [id = ""] = readdirSync(results).filter((name) => name.includes("_invalid_"));
    report = path.join(results, id, "report.html");
    const text = readFileSync(path.join(results, id, "results.json"), "utf8");
    recorded = JSON.parse(text) as RunResults;
  });

  test("the report itself plays the run from a disk without a request, by the keyboard alone", async () => {
    const context = await browser().newContext({ viewport: { width: 1280, height: 720 } });
    await context.setOffline(true);
    const page = await context.newPage();
    const errors: string[] = [];
    const requests: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", ({ message }) => errors.push(message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(pathToFileURL(report).href);

    await tabTo(page, "play it here, from shortly before");
    await page.keyboard.press("Enter");
    const judgement = page.locator("#judgement");
    await judgement.getByText(/^It breaks: read-index/).waitFor();
    // The same run to the byte, shown as it is shortly before the first violation.
    await judgement.getByText(`to the byte: digest ${recorded.simulation?.digest}`).waitFor();
    const shownMs = 1000 * parseFloat((await page.locator("#phase").textContent()) ?? "");
    const [brokenNs = NaN] = recorded.checks
      .flatMap(({ anomalies }) => anomalies.map(({ timeNs }) => timeNs))
      .toSorted((a, b) => a - b);
    expect(shownMs).toBeGreaterThan(brokenNs / 1e6 - 1000);
    expect(shownMs).toBeLessThan(brokenNs / 1e6);

    await tabTo(page, "Play");
    await page.keyboard.press("Enter");
    await page.locator("#playground .violation-flag").first().waitFor();
    await page.getByRole("button", { name: "Play", exact: true }).waitFor();
    const brokenMs = 1000 * parseFloat((await page.locator("#phase").textContent()) ?? "");
    // Shown are whole milliseconds.
    expect(brokenMs).toBeGreaterThanOrEqual(Math.floor(brokenNs / 1e6));

    // Without the cut nothing breaks; with it, moved behind the end of the load, neither.
    await tabTo(page, "the leader is cut off from all others (messages silently lost)");
    await page.keyboard.press("Space");
    await judgement.getByText(/^It does not break any more: \d+ checks hold/).waitFor();
    await page.keyboard.press("Space");
    await judgement.getByText(/^It breaks: .* to the byte/).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type("90");
    await page.keyboard.press("Enter");
    await judgement.getByText(/^It does not break any more/).waitFor();

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeFindings(page), colorScheme).toEqual([]);
    }
    expect(requests.map((url) => new URL(url).protocol)).toEqual(["file:"]);
    expect(errors).toEqual([]);
    await context.close();
  });

  test("served, it goes back as well as forth, and is broken by hand", async () => {
    const server = spawn(process.execPath, [CLI, "serve", results], { cwd: ROOT });
    let said = "";
    server.stdout.on("data", (chunk: Buffer) => (said += chunk.toString()));
    try {
      await waitUntil("the list has an address", 60_000, () => said.includes("token=") || said);
      const page = await browser().newPage();
      const errors: string[] = [];
      page.on("pageerror", ({ message }) => errors.push(message));
      await page.goto(said.trim());
      await page.getByRole("link", { name: "play" }).click();
      await page.getByRole("article", { name: "n3" }).waitFor();
      await page.getByRole("button", { name: "To the end" }).click();
      await page.getByText(/the run is over/).waitFor();
      const judgement = page.locator("#judgement");
      await judgement.getByText(`the byte: digest ${recorded.simulation?.digest}`).waitFor();
      await page.getByRole("button", { name: "From the start" }).click();
      expect(await page.locator("#events li").count()).toBe(0);
      await page.getByRole("button", { name: "+ 1 s" }).click();
      await page
        .getByText(/is leader of term 1/)
        .first()
        .waitFor();
      const phase = page.locator("#phase");
      await page.getByRole("button", { name: "+ 1 event" }).click();
      const there = await phase.textContent();
      await page.getByRole("button", { name: "+ 1 event" }).click();
      await page.getByRole("button", { name: "− 1 event" }).click();
      expect(await phase.textContent()).toBe(there);
      await page.getByRole("button", { name: "Kill n1" }).click();
      await page.locator(".node-card.node-down", { hasText: "n1" }).waitFor();
      // Back and forth again: what was done by hand is still done, and can be taken back.
      await page.getByRole("button", { name: "− 1 s" }).click();
      await page.getByRole("button", { name: "+ 1 s" }).click();
      await page.locator(".node-card.node-down", { hasText: "n1" }).waitFor();
      await page.getByRole("checkbox", { name: /by hand: n1 .*is killed/ }).click();
      await page.locator(".node-card.node-up", { hasText: "n1" }).waitFor();
      await judgement.getByText(`the byte: digest ${recorded.simulation?.digest}`).waitFor();
      expect(errors).toEqual([]);
      await page.close();
    } finally {
      server.kill();
    }
  });
});

/** As somebody without a pointer gets there. */
async function tabTo(page: Page, name: string): Promise<void> {
  const focused = `(() => {
    const at = document.activeElement;
    return at.labels?.[0]?.textContent.trim() ?? at.textContent.trim();
  })()`;
  for (let i = 0; i < 100; i++) {
    await page.keyboard.press("Tab");
    const reached = await page.evaluate<string>(focused);
    if (reached === name) return;
  }
  throw new Error(`no Tab leads to "${name}"`);
}

async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate<string[]>(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => id + ": " + nodes[0].html))`,
  );
}

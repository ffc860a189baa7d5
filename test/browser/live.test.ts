import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { once } from "node:events";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import { titled, useChromium, WHY_NOT } from "./chromium.ts";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const ROOT = path.resolve(import.meta.dirname, "../..");

describe.skipIf(WHY_NOT !== undefined)(titled("a run watched in Chromium"), () => {
  const { results, browser } = useChromium();

  test("from the first event to the report; what is broken by hand is in the schedule", async () => {
    const args = ["run", "--environment", "local", "--nodes", "3", "--duration", "60"];
    const flags = ["--nemesis", "none", "--ui-control", "--output", results];
    const run = spawn(process.execPath, ["bin/raftwreck.js", ...args, ...flags], { cwd: ROOT });
    const ended = once(run, "exit");
    let said = "";
    run.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
    const url = (): string | undefined => /watch: (\S+)/.exec(said)?.[1];
    await waitUntil("the page has an address", 60_000, () => url() !== undefined || said);

    const page = await browser().newPage();
    const errors: string[] = [];
    page.on("pageerror", ({ message }) => errors.push(message));
    await page.goto(url() ?? "");
    await page.getByRole("article", { name: "n3" }).waitFor();
    await page
      .getByText(/is leader of term/)
      .first()
      .waitFor();
    await page.getByRole("button", { name: "Pause n2" }).click();
    await page
      .getByText(/n2( \(leader\))? is paused/)
      .first()
      .waitFor();
    await page.locator(".node-card.node-paused", { hasText: "n2" }).waitFor();
    await page.selectOption("#cut-source", "n1");
    await page.selectOption("#cut-target", "n3");
    await page.getByRole("button", { name: "Cut one way" }).click();
    await page
      .getByText(/n1( \(leader\))? cannot reach n3/)
      .first()
      .waitFor();
    await page.evaluate(AXE);
    const { violations } = await page.evaluate(() =>
      (
        globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string }[] }> } }
      ).axe.run(),
    );
    expect(violations.map(({ id }) => id)).toEqual([]);
    await page.getByRole("button", { name: "Heal everything" }).click();
    await page
      .getByText("none: everything is whole")
      .or(page.locator("#faults[data-empty=true]"))
      .waitFor();
    await page.getByRole("button", { name: "Stop and check" }).click();
    await page.waitForURL(/report\.html$/);
    await page.getByRole("heading", { name: /Checks/ }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
    await ended;

    const [folder] = readdirSync(results).filter((name) => name.includes("_register_"));
    const schedule = readFileSync(path.join(results, folder ?? "", "schedule.json"), "utf8");
    const { faults } = JSON.parse(schedule) as { faults: { fault: unknown; lane: string }[] };
    expect(faults.map(({ fault }) => fault)).toEqual([
      { type: "pause", nodes: ["n2"] },
      { type: "cuts", links: ["n1-n3"], mode: "drop" },
    ]);
  });
});

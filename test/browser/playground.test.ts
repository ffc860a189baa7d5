import { spawn, spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { waitUntil } from "../../src/environment/wait.ts";
import { titled, useChromium, WHY_NOT } from "./chromium.ts";

const ROOT = path.resolve(import.meta.dirname, "../..");
const CLI = "bin/raftwreck.js";

describe.skipIf(WHY_NOT !== undefined)(titled("the playground in Chromium"), () => {
  const { results, browser } = useChromium();

  test("a simulated run is the same to the byte there, goes back as well as forth, and is broken by hand", async () => {
    const run = [
      "run",
      "--environment",
      "sim",
      "--nodes",
      "3",
      "--duration",
      "10",
      "--output",
      results,
    ];
    const bug = ["--mutant", "apply-uncommitted", "--seed", "playground", "--quiet"];
    expect(spawnSync(process.execPath, [CLI, ...run, ...bug], { cwd: ROOT }).status).toBe(1);
    const [id = ""] = readdirSync(results).filter((name) => name.includes("_invalid_"));
    const { simulation } = JSON.parse(
      readFileSync(path.join(results, id, "results.json"), "utf8"),
    ) as { simulation: { digest: string } };

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
      const judgement = page.locator("#judgement");
      await judgement.getByText(/It still breaks/).waitFor();
      expect(await judgement.textContent()).toContain(`the byte: digest ${simulation.digest}`);
      await page.getByRole("button", { name: "From the start" }).click();
      expect(await page.locator("#events li").count()).toBe(0);
      await page.getByRole("button", { name: "+ 1 s" }).click();
      await page
        .getByText(/is leader of term 1/)
        .first()
        .waitFor();
      await page.getByRole("button", { name: "Kill n1" }).click();
      await page.getByRole("button", { name: "+ 1 s" }).click();
      await page.locator(".node-card.node-down", { hasText: "n1" }).waitFor();
      // Back and forth again: what was done by hand is still done.
      await page.getByRole("button", { name: "− 1 s" }).click();
      await page.getByRole("button", { name: "+ 1 s" }).click();
      await page.locator(".node-card.node-down", { hasText: "n1" }).waitFor();
      expect(errors).toEqual([]);
      await page.close();
    } finally {
      server.kill();
    }
  });
});

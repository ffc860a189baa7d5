import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Browser, BrowserContext, BrowserContextOptions, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { renderIndexPage } from "../../src/report/index-page.ts";
import { renderReport, type ReportInput } from "../../src/report/html.ts";
import { runEntry } from "../../src/store/runs.ts";
import { reportInput, type Story } from "../report/fixtures.ts";
import { hostileInput } from "../report/hostile.ts";
import { launchChromium, WHY_NOT } from "./chromium.ts";

// The report as a reader has it: a file, opened from a disk, in a real browser.

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const STORIES: readonly Story[] = ["green", "two-leaders", "stale-read", "lost-write", "unknown"];

interface Opened {
  readonly page: Page;
  readonly requests: readonly string[];
  readonly errors: readonly string[];
}

if (WHY_NOT !== undefined) {
  // The default reporter hides the titles of skipped tests.
  process.stderr.write(`The report is not tested in a browser: ${WHY_NOT}\n`);
  test.skip(`the report in a browser (${WHY_NOT})`, () => {});
}

describe.skipIf(WHY_NOT !== undefined)("the report in Chromium", () => {
  const dir = mkdtempSync(join(tmpdir(), "raftwreck-report-"));
  let browser: Browser;
  let contexts: BrowserContext[] = [];

  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    await Promise.all(contexts.map((context) => context.close()));
    contexts = [];
  });
  afterAll(async () => {
    await browser?.close();
    rmSync(dir, { recursive: true, force: true });
  });

  async function open(html: string, options: BrowserContextOptions = {}): Promise<Opened> {
    const path = join(dir, "report.html");
    writeFileSync(path, html);
    const context = await browser.newContext({
      viewport: { width: 1280, height: 720 },
      ...options,
    });
    contexts.push(context);
    const page = await context.newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on("request", (request) => requests.push(request.url()));
    page.on("pageerror", (error) => errors.push(error.message));
    page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
    await page.goto(pathToFileURL(path).href);
    return { page, requests, errors };
  }

  const openReport = (input: ReportInput, options?: BrowserContextOptions): Promise<Opened> =>
    open(renderReport(input), options);

  test.each(STORIES)("%s: opens from a disk without a request or an error", async (story) => {
    const { page, requests, errors } = await openReport(reportInput(story));
    await page.waitForTimeout(200);
    expect(requests.map((url) => new URL(url).protocol)).toEqual(["file:"]);
    expect(errors).toEqual([]);
    expect(await page.getByRole("heading", { level: 1 }).count()).toBe(1);
  });

  test.each(STORIES)("%s: axe finds nothing, light or dark", async (story) => {
    const { page } = await openReport(reportInput(story));
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      expect(await axeFindings(page), colorScheme).toEqual([]);
    }
  });

  test("folded violations and tables are accessible, too, once they are unfolded", async () => {
    const { page } = await openReport(reportInput("two-leaders"));
    await page.evaluate(
      `for (const each of document.querySelectorAll("details")) each.open = true`,
    );
    expect(await axeFindings(page)).toEqual([]);
  });

  test("what broke, when and under which fault is on the first screen", async () => {
    const { page } = await openReport(reportInput("two-leaders"));
    for (const text of [
      "SAFETY VIOLATION",
      "n5 and n2 both became leader",
      "n5 cannot reach the others",
    ]) {
      const place = await page.getByText(text).first().boundingBox();
      expect((place?.y ?? 9999) + (place?.height ?? 0), text).toBeLessThan(720);
    }
    const picture = await page.locator(".evidence-chart").first().boundingBox();
    expect((picture?.y ?? 9999) + (picture?.height ?? 0), "the picture").toBeLessThan(720);
  });

  test("without JavaScript everything is said, and there is no button that does nothing", async () => {
    const { page } = await openReport(reportInput("two-leaders"), { javaScriptEnabled: false });
    const text = await page.locator("body").innerText();
    for (const part of [
      "SAFETY VIOLATION",
      "A term has at most one leader",
      "becomes leader in term 6",
      "raftwreck run --duration 60",
      "log-matching",
      "Timeline",
      "Fault → effect",
    ])
      expect(text).toContain(part);
    expect(await page.locator("button").count()).toBe(0);
    expect(await page.locator("#timeline-chart").isVisible()).toBe(true);
  });

  test.each(STORIES)("%s: on a phone the page itself never scrolls sideways", async (story) => {
    const { page } = await openReport(reportInput(story), {
      viewport: { width: 360, height: 740 },
    });
    const [content, view] = await page.evaluate<[number, number]>(
      `[document.documentElement.scrollWidth, document.documentElement.clientWidth]`,
    );
    expect(content).toBeLessThanOrEqual(view);
  });

  test.each([true, false])(
    "hostile strings everywhere are inert (script on: %s)",
    async (javaScriptEnabled) => {
      const { page, requests, errors } = await openReport(hostileInput(), { javaScriptEnabled });
      await page.waitForTimeout(300);
      expect(requests).toHaveLength(1);
      expect(errors).toEqual([]);
      expect(await page.locator("img").count()).toBe(0);
      if (javaScriptEnabled) expect(await page.evaluate("typeof pwned")).toBe("undefined");
      expect(await page.locator("body").innerText()).toContain(`<img src=x onerror="pwned=1">`);
    },
  );

  test("even markup that slipped through could neither run nor call out", async () => {
    const slipped = `<img src="http://127.0.0.1:9/x" onerror="pwned=1"><script>pwned=1</script>`;
    const html = renderReport(reportInput("green")).replace("</main>", `${slipped}</main>`);
    const { page, errors } = await open(html);
    await page.waitForTimeout(300);
    expect(await page.evaluate("typeof pwned")).toBe("undefined");
    expect(errors.join(" ")).toMatch(/Content Security Policy/);
  });

  test("the cursor tells who leads at a moment, by pointer and by keyboard", async () => {
    const { page } = await openReport(reportInput("two-leaders"));
    const chart = page.locator("#timeline-chart");
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    const left = Number(await chart.getAttribute("data-left"));
    const right = Number(await chart.getAttribute("data-right"));
    const share = (left + (23 / 60) * (right - left)) / 1200;
    await page.mouse.move(box.x + box.width * share, box.y + box.height / 2);
    const readout = page.locator("#cursor-text");
    expect(await readout.innerText()).toMatch(/n5 leads term 6, n2 leads term 6 — CONFLICT/);
    const nodes = await page.locator("#cluster-at li").allInnerTexts();
    expect(nodes.filter((node) => /★ leader · term 6/.test(node))).toHaveLength(2);
    expect(await axeFindings(page)).toEqual([]);
    await page.getByRole("region", { name: "Timeline" }).focus();
    const before = parseFloat(await readout.innerText());
    await page.keyboard.press("Shift+ArrowRight");
    expect(parseFloat(await readout.innerText())).toBeCloseTo(before + 1, 1);
  });

  test("operations are filtered, sorted, walked through by keys, copied, and found again by a link", async () => {
    const { page, errors } = await openReport(reportInput("two-leaders"), {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const section = page.locator("#operations");
    await page.keyboard.press("/");
    const filter = page.locator("#operations-table-filter");
    await filter.waitFor();
    await filter.fill("f:read type:ok t:20..25 lat>5");
    await section.getByText(/^\d+ of [\d\s]+ operations$/).waitFor();
    await section.getByRole("button", { name: "latency ms" }).click();
    await section.getByRole("button", { name: "latency ms" }).click();
    const latencies = await section.locator("[role=row] > :nth-child(2)").allInnerTexts();
    const numbers = latencies.slice(1).map(Number);
    expect(numbers.length).toBeGreaterThan(5);
    expect(numbers).toEqual(numbers.toSorted((a, b) => b - a));
    await section.getByRole("grid").focus();
    await page.keyboard.press("ArrowDown");
    const link = await page.evaluate<string>("location.href");
    expect(link).toMatch(/#t=2[0-5]\.\d\d&sel=op:\d+$/);
    await section.getByRole("button", { name: "Copy as JSONL" }).click();
    await section.getByText(/Copied/).waitFor();
    const copied = String(await page.evaluate("navigator.clipboard.readText()"))
      .trim()
      .split("\n");
    expect(JSON.parse(copied[1]!)).toMatchObject({ type: "ok", f: "read" });
    await page.goto("about:blank");
    await page.goto(link);
    await section.locator("[aria-selected=true]").waitFor();
    expect(await section.locator(".row-detail").innerText()).toContain(
      `"index":${link.split(":").at(-1)}`,
    );
    expect(errors).toEqual([]);
  });

  test("a window on the timeline filters operations and logs; keys lead to violations, theme and help", async () => {
    const { page } = await openReport(reportInput("two-leaders"));
    const chart = page.locator("#timeline-chart");
    await chart.scrollIntoViewIfNeeded();
    const box = (await chart.boundingBox())!;
    await page.mouse.move(box.x + box.width * 0.37, box.y + 100);
    await page.mouse.down();
    await page.mouse.move(box.x + box.width * 0.5, box.y + 100, { steps: 4 });
    await page.mouse.up();
    // The browser tells of a new address later than the page has it.
    await page.waitForURL(/&w=[\d.]+,[\d.]+$/);
    await page.locator("#logs").getByRole("button", { name: /^only/ }).waitFor();
    await page.locator("#logs").getByText("2 of 4 lines").waitFor();
    expect(await axeFindings(page)).toEqual([]);
    await page.keyboard.press("Escape");
    await page.locator("#logs").getByText("4 of 4 lines").waitFor();
    await page.keyboard.press("n");
    await page.waitForURL(/#t=21\.10&v=1/);
    await page.keyboard.press("t");
    expect(await page.evaluate("document.documentElement.dataset.theme")).toBe("dark");
    await page.keyboard.press("?");
    await page.getByRole("dialog").getByText("next violation").waitFor();
    expect(await axeFindings(page)).toEqual([]);
  });

  test("a command can be copied", async () => {
    const { page } = await openReport(reportInput("green"), {
      permissions: ["clipboard-read", "clipboard-write"],
    });
    await page.getByRole("button", { name: "Copy", exact: true }).first().click();
    await page.getByRole("button", { name: "Copied" }).waitFor();
    expect(await page.evaluate("navigator.clipboard.readText()")).toMatch(
      /^raftwreck run --duration 60/,
    );
  });

  test("on paper there is no navigation and no button", async () => {
    const { page } = await openReport(reportInput("two-leaders"));
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav").isVisible()).toBe(false);
    expect(await page.locator("button").first().isVisible()).toBe(false);
    expect(await page.locator("#violation-1").isVisible()).toBe(true);
  });

  test.each(["light", "dark"] as const)(
    "the list of runs, %s: axe finds nothing, no request",
    async (colorScheme) => {
      const runs = STORIES.map((story) => runEntry(reportInput(story).results));
      const unfinished = [
        { id: "2026-11-20T16-40-59Z_register_running_dead", startedAt: "", workload: "register" },
      ];
      const { page, requests, errors } = await open(renderIndexPage(runs, unfinished), {
        colorScheme,
      });
      expect(await axeFindings(page)).toEqual([]);
      expect(requests).toHaveLength(1);
      expect(errors).toEqual([]);
    },
  );
});

/** One line per finding, so that a failure reads by itself. */
async function axeFindings(page: Page): Promise<string[]> {
  await page.evaluate(AXE);
  return page.evaluate<
    string[]
  >(`axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
    violations.flatMap(({ id, help, nodes }) =>
      nodes.slice(0, 5).map((node) => id + ": " + help + ": " + node.html.slice(0, 160) + " " + (node.any[0]?.message ?? ""))))`);
}

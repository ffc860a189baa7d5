import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { chromium, type Page } from "playwright-core";
import type { Figure } from "./figure.ts";
import { reportOf } from "./report.ts";

const CHROMIUM = process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium";

/** How soon a report can be used in a browser, and how smoothly its cursor and its window move. */
export async function measurePage(): Promise<Figure[]> {
  if (!existsSync(CHROMIUM)) {
    console.log(`not measured: there is no Chromium at ${CHROMIUM} (or CHROMIUM_PATH)`);
    return [];
  }
  const folder = mkdtempSync(path.join(tmpdir(), "raftwreck-bench-"));
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ["--no-sandbox", "--headless", "--disable-gpu"],
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1280, height: 720 } });
    const open = async (count: number): Promise<number> => {
      const file = path.join(folder, `${count}.html`);
      writeFileSync(file, reportOf(count).html);
      await page.goto(`file://${file}`);
      return (await page.evaluate(USABLE)) as number;
    };
    // The first page is opened by a browser that has just been started.
    await open(1000);
    const many = await open(100_000);
    const cursor = await moving(page, MOVE_CURSOR);
    const window = await moving(page, MOVE_WINDOW);
    const most = await open(1_000_000);
    return [
      {
        what: "report of 100,000 operations: first row and first answer of the cursor",
        value: `${Math.round(many)} ms after the address`,
        goal: "under 500 ms",
        isMet: many < 500,
      },
      {
        what: "its cursor moved along the timeline, table and cluster with it",
        value: `${cursor.toFixed(1)} ms a frame (95 %)`,
        goal: "under 33 ms",
        isMet: cursor < 33,
      },
      {
        what: "another window of time for both tables",
        value: `${window.toFixed(1)} ms (95 %)`,
        goal: "under 100 ms",
        isMet: window < 100,
      },
      {
        what: "report of 1,000,000 operations",
        value: `${Math.round(most)} ms`,
        goal: "under 3,000 ms",
        isMet: most < 3000,
      },
    ];
  } finally {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds since the page was asked for, once its table has rows and its cursor has answered a key. */
const USABLE = `(async () => {
  const frame = () => {
    if (performance.now() > 60_000) throw new Error("the page is of no use after a minute");
    return new Promise(requestAnimationFrame);
  };
  while (document.querySelectorAll("#operations [role=row]").length < 2) await frame();
  const timeline = document.querySelector("#timeline [role=region]");
  const text = () => document.querySelector("#cursor-text").textContent;
  const before = text();
  timeline.focus();
  while (text() === before) {
    timeline.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true }));
    await frame();
  }
  return performance.now();
})()`;

/** How long 95 % of frames took at most while something moved with each of them. */
async function moving(page: Page, step: string): Promise<number> {
  return (await page.evaluate(`(async () => {
    const frame = () => new Promise(requestAnimationFrame);
    const timeline = document.querySelector("#timeline [role=region]");
    const times = [];
    let last = await frame();
    for (let i = 0; i < 100; i++) {
      ${step};
      const now = await frame();
      times.push(now - last);
      last = now;
    }
    times.sort((a, b) => a - b);
    return times[Math.floor(times.length * 0.95)];
  })()`)) as number;
}

const MOVE_CURSOR = `timeline.dispatchEvent(
  new KeyboardEvent("keydown", { key: "ArrowRight", shiftKey: true, bubbles: true }),
)`;
const MOVE_WINDOW = `location.hash = "#w=" + i + "," + (i + 20)`;

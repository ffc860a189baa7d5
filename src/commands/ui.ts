import process from "node:process";
import { setTimeout as delay } from "node:timers/promises";
import type { FinishedRun } from "../run/finish-run.ts";
import { clusterOf } from "../run/plan.ts";
import type { TestPlan } from "../store/plan.ts";
import { verdictText } from "../report/verdict-text.ts";
import { LiveRun } from "../web/live-run.ts";
import { startLiveServer } from "../web/live-server.ts";
import type { UiFlags } from "./run-settings.ts";

/** After the end of a run that somebody watched its report is served for a while. */
const LINGER_MS = 10_000;
/** The longest that a timer can wait. */
const FOREVER_MS = 2 ** 31 - 1;

/** Why a run ended that somebody stopped from its page. */
export const STOPPED_BY_HAND = "its page";

export interface Ui extends AsyncDisposable {
  readonly url: string;
  readonly run: LiveRun;
  /** The page becomes the report; resolves when the server may go. */
  finish(finished: FinishedRun): Promise<void>;
}

/** The live page of a run, where it is wanted: always with --ui, by itself on a terminal. */
export async function openUi(
  plan: TestPlan,
  flags: UiFlags & { readonly output: string },
  interrupt: { readonly signal: AbortSignal; readonly stop: () => void },
): Promise<Ui | undefined> {
  const isAtTerminal = process.stderr.isTTY === true && process.env["CI"] === undefined;
  const isWanted = flags.ui ?? (flags.uiControl || flags.linger || isAtTerminal);
  if (!isWanted) return undefined;
  const run = new LiveRun({
    plan,
    cluster: clusterOf(plan),
    mayControl: flags.uiControl,
    stop: interrupt.stop,
  });
  const server = await startLiveServer({
    host: flags.uiHost,
    port: flags.uiPort,
    run,
    resultsDirectory: flags.output,
  });
  return {
    url: server.url,
    run,
    async finish({ results }) {
      const { glyph, word } = verdictText(results);
      const report = `/results/${encodeURIComponent(results.id)}/report.html`;
      run.finish({ verdict: `${glyph} ${word}`, conclusion: results.conclusion, report });
      if (!flags.linger && !server.isWatched()) return;
      const until = flags.linger ? "Ctrl-C" : `another ${LINGER_MS / 1000} s`;
      process.stderr.write(`the report is served at ${server.url} until ${until}\n`);
      await untilOver(interrupt.signal, flags.linger ? FOREVER_MS : LINGER_MS);
    },
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** Until the time is up, or there is a signal. */
async function untilOver(signal: AbortSignal, ms: number): Promise<void> {
  const isByHand = signal.reason === STOPPED_BY_HAND;
  await delay(ms, undefined, isByHand ? {} : { signal }).catch(() => undefined);
}

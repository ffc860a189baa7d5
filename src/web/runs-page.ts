import { renderIndexPage, type RunFilter } from "../report/index-page.ts";
import { type RunEntry, readRuns, readUnfinishedRuns } from "../store/runs.ts";

export function renderRunsPage(resultsDirectory: string, { verdict, text }: RunFilter): string {
  const runs = readRuns(resultsDirectory).filter(
    (run) => (verdict === "" || run.verdict === verdict) && words(run).includes(text.toLowerCase()),
  );
  return renderIndexPage(runs, readUnfinishedRuns(resultsDirectory), { verdict, text });
}

function words(run: RunEntry): string {
  const { id, workload, environment, seed, mutant, nemesis, violated } = run;
  return [id, workload, environment, seed, mutant ?? "", ...nemesis, ...violated]
    .join(" ")
    .toLowerCase();
}

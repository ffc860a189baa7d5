import type { CheckResult } from "../../checker/verdict.ts";
import type { RunResults } from "../store/results.ts";
import { type DescribeProperty, propertyText } from "./property.ts";
import { escapeXml } from "./xml.ts";

export interface JunitInput {
  readonly results: RunResults;
  readonly describe: DescribeProperty;
  /** Linked from each suite's output, for CI systems that show attachments. */
  readonly reportPath: string;
}

/** `junit.xml`: the run is a suite, every checker a test case. Sentences are in the bodies, where all CI systems show them. */
export function renderJunit({ results, describe, reportPath }: JunitInput): string {
  const { checks, plan } = results;
  const failures = checks.filter((check) => check.verdict === "invalid").length;
  const errors = checks.filter((check) => check.verdict === "unknown").length;
  const seconds = (results.durationMs / 1000).toFixed(3);
  const counts = attributes({ tests: checks.length, failures, errors, time: seconds });
  const className = `chaos.${plan.workload.name}.${plan.environment}`;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>`,
    `<testsuites name="raftwreck"${counts}>`,
    `  <testsuite${attributes({ name: results.id })}${counts}${attributes({ timestamp: results.startedAt })}>`,
    `    <properties>`,
    ...Object.entries(properties(results)).map(
      ([name, value]) => `      <property${attributes({ name, value })}/>`,
    ),
    `    </properties>`,
    ...uniqueNames(checks).map(({ check, name }) => testCase({ check, name, className, describe })),
    `    <system-out>${escapeXml(`[[ATTACHMENT|${reportPath}]]`)}</system-out>`,
    `  </testsuite>`,
    `</testsuites>`,
    "",
  ].join("\n");
}

function testCase(input: {
  readonly check: CheckResult;
  readonly name: string;
  readonly className: string;
  readonly describe: DescribeProperty;
}): string {
  const { check, name, className, describe } = input;
  const start = `    <testcase${attributes({ name, classname: className, time: "0" })}`;
  switch (check.verdict) {
    case "valid":
      return `${start}/>`;
    case "unknown": {
      const about = attributes({ type: "unknown", message: check.summary });
      return `${start}>\n      <error${about}>${escapeXml(check.summary)}</error>\n    </testcase>`;
    }
    case "invalid": {
      const about = attributes({ type: "violation", message: check.summary });
      const body = escapeXml(failureBody(check, describe));
      return `${start}>\n      <failure${about}>${body}</failure>\n    </testcase>`;
    }
  }
}

const ANOMALIES_MAX = 50;

function failureBody({ summary, anomalies }: CheckResult, describe: DescribeProperty): string {
  const shown = anomalies.slice(0, ANOMALIES_MAX).map(({ property, sentence, count, evidence }) => {
    const { title, rule } = propertyText(describe, property);
    const times = count > 1 ? ` (seen ${count} times)` : "";
    const moments = evidence.map(
      ({ timeNs, who, text }) => `    ${(timeNs / 1e9).toFixed(2)} s  ${who}: ${text}`,
    );
    return [
      `${title}: ${sentence}${times}`,
      ...(rule === "" ? [] : [`  ${rule}`]),
      ...moments,
    ].join("\n");
  });
  const more = anomalies.length - shown.length;
  return [summary, ...shown, ...(more > 0 ? [`and ${more} more, see the report`] : [])].join("\n");
}

/** GitLab keeps only the first of two cases of one name. */
function uniqueNames(checks: readonly CheckResult[]): { check: CheckResult; name: string }[] {
  const seen = new Map<string, number>();
  return checks.map((check) => {
    const times = (seen.get(check.checker) ?? 0) + 1;
    seen.set(check.checker, times);
    return { check, name: times === 1 ? check.checker : `${check.checker} (${times})` };
  });
}

function properties({
  plan,
  verdict,
  exitCode,
  conclusion,
  reproduce,
  host,
}: RunResults): Record<string, string> {
  return {
    verdict,
    exitCode: String(exitCode),
    conclusion,
    seed: plan.seed,
    workload: plan.workload.name,
    environment: plan.environment,
    nodes: String(plan.nodeCount),
    nemesis: plan.nemesis.join(","),
    ...(plan.mutant === null ? {} : { mutant: plan.mutant }),
    reproduce: reproduce.command,
    raftwreckVersion: host.raftwreckVersion,
    nodeVersion: host.nodeVersion,
  };
}

function attributes(values: Readonly<Record<string, string | number>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join("");
}

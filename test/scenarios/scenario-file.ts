/** A story as a file tells it: blocks of command lines, `----`, and what happened. */
export interface Scenario {
  readonly blocks: readonly Block[];
  /** Comments and empty lines after the last block. */
  readonly closing: readonly string[];
}

export interface Block {
  /** Comments and empty lines before it. */
  readonly opening: readonly string[];
  readonly commands: readonly Line[];
}

export interface Line {
  readonly text: string;
  /** 1-based. */
  readonly number: number;
}

/** Trouble in a file that its author can mend; the message names file and line. */
export class ScenarioError extends Error {
  override readonly name = "ScenarioError";
}

const DIVIDER = "----";

/** What stands under the dividers is not read: it is what the run is compared with. */
export function readScenario(text: string, fileName: string): Scenario {
  const blocks: Block[] = [];
  let opening: string[] = [];
  let commands: Line[] = [];
  let isOutcome = false;
  for (const [i, line] of text.trimEnd().split("\n").entries()) {
    const number = i + 1;
    if (isOutcome) isOutcome = line !== "";
    else if (line === DIVIDER) {
      if (commands.length === 0) {
        throw new ScenarioError(`${fileName}:${number}: write commands above the ${DIVIDER}`);
      }
      blocks.push({ opening, commands });
      [opening, commands, isOutcome] = [[], [], true];
    } else if (commands.length === 0 && (line === "" || line.startsWith("#"))) opening.push(line);
    else if (line === "") {
      throw new ScenarioError(`${fileName}:${number}: write ${DIVIDER} under the commands`);
    } else commands.push({ text: line, number });
  }
  if (commands.length > 0) {
    throw new ScenarioError(`${fileName}: write ${DIVIDER} under the last commands`);
  }
  return { blocks, closing: opening };
}

/** The file as it would be, had it always told of these outcomes. */
export function renderScenario(
  { blocks, closing }: Scenario,
  outcomes: readonly (readonly string[])[],
): string {
  const parts = blocks.map(({ opening, commands }, i) =>
    [...opening, ...commands.map(({ text }) => text), DIVIDER, ...(outcomes[i] ?? [])].join("\n"),
  );
  if (closing.length > 0) parts.push(closing.join("\n"));
  return `${parts.join("\n\n")}\n`;
}

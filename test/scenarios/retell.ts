import { messageOf } from "../../src/base/errors.ts";
import { isSetUp, readCommand, type Command, type SetUp } from "./command.ts";
import { readScenario, renderScenario, ScenarioError, type Line } from "./scenario-file.ts";
import { Story } from "./story.ts";

/** The file as it should be: the same commands, with what happened. */
export function retell(text: string, fileName: string): string {
  const scenario = readScenario(text, fileName);
  const parsed = scenario.blocks.map(({ commands }) =>
    commands.map((line) => ({ line, command: commandAt(line, fileName) })),
  );
  const [first = []] = parsed;
  const story = begin(first.map(({ command }) => command).filter(isSetUp), fileName);
  const outcomes = parsed.map((commands, i) => {
    for (const { line, command } of commands) {
      at(fileName, line, () => {
        if (!isSetUp(command)) story.perform(command);
        else if (i > 0) throw new Error(`"${line.text}" belongs into the first block`);
      });
    }
    const told = story.told();
    return told.length === 0 ? ["(nothing)"] : told;
  });
  return renderScenario(scenario, outcomes);
}

function begin(setUp: readonly SetUp[], fileName: string): Story {
  try {
    return new Story(setUp);
  } catch (error) {
    throw new ScenarioError(`${fileName}: ${messageOf(error)}`, { cause: error });
  }
}

function commandAt(line: Line, fileName: string): Command {
  const command = readCommand(line.text);
  if (typeof command !== "string") return command;
  throw new ScenarioError(`${fileName}:${line.number}: ${command}`);
}

/** Whatever goes wrong with a line is told with its place. */
function at(fileName: string, { number }: Line, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw new ScenarioError(`${fileName}:${number}: ${messageOf(error)}`, { cause: error });
  }
}

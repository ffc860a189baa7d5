import { accessSync, constants, mkdirSync } from "node:fs";
import os from "node:os";
import process from "node:process";
import type { Argv, CommandModule } from "yargs";
import { EXIT, messageOf } from "../base/errors.ts";
import { createPrng } from "../base/prng.ts";
import { prepareImages } from "../environment/choose.ts";
import { connectEngine } from "../environment/docker/engine.ts";
import {
  cleanRemains,
  countRemains,
  findRemains,
  remainsText,
} from "../environment/docker/remains.ts";
import { cleanLeftovers, findLeftovers } from "../environment/leftovers.ts";
import { findFreePorts } from "../environment/ports.ts";
import { ProxyProcess } from "../environment/proxy-process.ts";

interface DoctorFlags {
  readonly output: string;
  readonly clean: boolean;
}

interface Finding {
  readonly what: string;
  readonly isGood: boolean;
  readonly text: string;
}

export const doctorCommand: CommandModule<object, DoctorFlags> = {
  command: "doctor",
  describe: "look whether everything that a run needs is there",
  builder: (argv) =>
    argv
      .option("output", {
        alias: "o",
        type: "string",
        default: "results",
        describe: "Folder of the runs",
      })
      .option("clean", {
        type: "boolean",
        default: false,
        describe: "End processes and remove containers that killed runs have left behind",
      }) as unknown as Argv<DoctorFlags>,
  handler: async ({ output, clean }) => {
    const findings = [
      nodeVersion(),
      await look("results", () => writable(output)),
      await look("ports", freePorts),
      await look("proxy", embeddedProxy),
      leftovers(clean),
      ...(await docker(clean)),
    ];
    for (const { what, isGood, text } of findings) {
      console.log(`${isGood ? "ok     " : "trouble"}  ${what.padEnd(10)} ${text}`);
    }
    if (findings.some(({ isGood }) => !isGood)) process.exitCode = EXIT.environment;
  },
};

const NODE_MIN = [20, 19] as const;

function nodeVersion(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isGood = major > NODE_MIN[0] || (major === NODE_MIN[0] && minor >= NODE_MIN[1]);
  const wanted = isGood ? "" : `; at least ${NODE_MIN.join(".")} is needed`;
  return {
    what: "node",
    isGood,
    text: `${process.version} on ${os.platform()} ${os.arch()}${wanted}`,
  };
}

async function look(what: string, act: () => string | Promise<string>): Promise<Finding> {
  try {
    return { what, isGood: true, text: await act() };
  } catch (error) {
    return { what, isGood: false, text: messageOf(error) };
  }
}

function writable(folder: string): string {
  mkdirSync(folder, { recursive: true });
  accessSync(folder, constants.W_OK);
  return `${folder} can be written to`;
}

async function freePorts(): Promise<string> {
  const ports = await findFreePorts(30, createPrng(String(process.pid)));
  return `loopback ports from ${ports[0]} on are free`;
}

async function embeddedProxy(): Promise<string> {
  await using proxy = await ProxyProcess.start("1");
  const response = await fetch(`${proxy.url}/version`);
  const { version } = (await response.json()) as { version: string };
  return `the embedded server speaks Toxiproxy ${version}`;
}

function leftovers(clean: boolean): Finding {
  const pids = findLeftovers().flatMap((leftover) => leftover.pids);
  if (pids.length === 0) {
    if (clean) cleanLeftovers();
    return { what: "leftovers", isGood: true, text: "none" };
  }
  if (clean)
    return { what: "leftovers", isGood: true, text: `ended ${cleanLeftovers()} processes` };
  const text = `${pids.length} processes of killed runs (${pids.join(", ")}); raftwreck doctor --clean ends them`;
  return { what: "leftovers", isGood: false, text };
}

/** Containers are one way to run among others: that there is no engine is no trouble. */
async function docker(clean: boolean): Promise<Finding[]> {
  const engine = await connectEngine().catch((error: unknown) => messageOf(error));
  if (typeof engine === "string") return [{ what: "docker", isGood: true, text: engine }];
  const remains = await findRemains(engine);
  const cleaned = clean ? await cleanRemains(engine, remains) : undefined;
  const isClean = countRemains(clean ? await findRemains(engine) : remains) === 0;
  const hint = `${remainsText(remains)} of killed runs; raftwreck doctor --clean removes them`;
  const left: Finding = {
    what: "containers",
    isGood: isClean,
    text: cleaned ?? (isClean ? "no leftovers" : hint),
  };
  const images = await prepareImages(engine).catch(messageOf);
  return [left, { what: "docker", isGood: true, text: images }];
}

import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { EnvironmentError } from "../../base/errors.ts";
import type { System } from "../../system/system.ts";
import { type Engine, refusalOf } from "./engine.ts";
import { hasImage, obtain } from "./images.ts";
import { packageClosure, PACKAGE_ROOT } from "./package-root.ts";

const DEFAULT_BASE = "node:22-slim";
/** Made of local files by test/docker/prepare.sh, where no registry can be reached. */
const LOCAL_BASE = "raftwreck-base:local";

/**
 * The image of the bundled node: the one named by RAFTWRECK_NODE_IMAGE, or one built from this package's
 * own files on top of RAFTWRECK_BASE_IMAGE. Its tag tells the content, so it is built once.
 */
export async function nodeImage(engine: Engine): Promise<string> {
  const given = process.env["RAFTWRECK_NODE_IMAGE"];
  if (given) return obtain(engine, given, "unset RAFTWRECK_NODE_IMAGE to have it built");
  const base = await chooseBase(engine);
  const context = fs.mkdtempSync(path.join(os.tmpdir(), "raftwreck-image-"));
  try {
    stage(context);
    const tag = `raftwreck-node:${digestOf(context, base)}`;
    if (await hasImage(engine, tag)) return tag;
    await obtain(
      engine,
      base,
      "set RAFTWRECK_BASE_IMAGE to an image with Node.js 20.19 or newer that is there",
    );
    await build(engine, { context, tag, base });
    return tag;
  } finally {
    fs.rmSync(context, { recursive: true, force: true });
  }
}

/** What a system's containers are made of, which is the bundled node's image where it names none. */
export async function systemImage(
  engine: Engine,
  { container }: Pick<System, "container">,
  bundled: string,
): Promise<string> {
  if (container?.image === undefined) return bundled;
  return obtain(engine, container.image, "build it, or name another with --image");
}

async function chooseBase(engine: Engine): Promise<string> {
  const given = process.env["RAFTWRECK_BASE_IMAGE"];
  if (given) return given;
  return (await hasImage(engine, LOCAL_BASE)) ? LOCAL_BASE : DEFAULT_BASE;
}

/** What a node and the embedded proxy need, and nothing else. */
function stage(context: string): void {
  const copy = (from: string, to: string): void =>
    fs.cpSync(from, path.join(context, to), {
      recursive: true,
      dereference: true,
      filter: (file) => !file.endsWith(".map"),
    });
  copy(path.join(PACKAGE_ROOT, "node", "Dockerfile"), "Dockerfile");
  copy(path.join(PACKAGE_ROOT, "package.json"), "package.json");
  for (const part of ["node", "src/base", "src/toxiproxy"]) {
    copy(path.join(PACKAGE_ROOT, "dist", part), path.join("dist", part));
  }
  for (const [name, folder] of packageClosure("pino")) {
    copy(folder, path.join("node_modules", name));
  }
}

function digestOf(context: string, base: string): string {
  const hash = createHash("sha256").update(base);
  const names = fs.readdirSync(context, { recursive: true, encoding: "utf8" }).sort();
  for (const name of names) {
    const file = path.join(context, name);
    if (!fs.statSync(file).isFile()) continue;
    hash.update(`\0${name}\0`).update(fs.readFileSync(file));
  }
  return hash.digest("hex").slice(0, 12);
}

interface Build {
  readonly context: string;
  readonly tag: string;
  readonly base: string;
}

async function build(engine: Engine, { context, tag, base }: Build): Promise<void> {
  const failed = (reason: string): EnvironmentError =>
    new EnvironmentError(`the image of the node cannot be built on ${base}: ${reason}`);
  try {
    const output = await engine.buildImage(
      { context, src: fs.readdirSync(context) },
      { t: tag, target: "prebuilt", buildargs: { BASE_IMAGE: base }, rm: true, forcerm: true },
    );
    await new Promise<void>((resolve, reject) => {
      engine.modem.followProgress(output, (error, steps: readonly { error?: string }[] | null) => {
        const trouble = steps?.find((step) => step.error !== undefined)?.error;
        if (error !== null) reject(error);
        else if (trouble !== undefined) reject(new Error(trouble));
        else resolve();
      });
    });
  } catch (error) {
    throw failed(refusalOf(error));
  }
}

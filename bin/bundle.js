// Joins the compiled modules of the playground into dist/playground.json: one script, as reports carry it. Made with
// the build, so that an installed package, which comes without the tools for that, has it.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import fs from "node:fs";
import path from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const root = fileURLToPath(new URL("..", import.meta.url));
const self = fileURLToPath(import.meta.url);
const entry = path.join(root, "dist", "src", "web", "page", "playground.js");
const bundle = path.join(root, "dist", "playground.json");
/** What it was made of: the files' names, and the hash of all that is in them. */
const stamp = path.join(root, "dist", ".playground");
const TOOLS = [self, path.join(root, "node_modules", "rolldown", "package.json")];

/** Anew only where something in it has changed: most builds touch none of it. Without it reports say that it is missing. */
export function bundlePlayground() {
  if (isUpToDate()) return;
  try {
    execFileSync(process.execPath, [self], { stdio: ["ignore", "ignore", "pipe"] });
  } catch (error) {
    const [why] = String(error.stderr || error).split("\n");
    process.stderr.write(`raftwreck: reports will come without the playground (${why})\n`);
  }
}

function isUpToDate() {
  try {
    const { files, hash } = JSON.parse(fs.readFileSync(stamp, "utf8"));
    return fs.existsSync(bundle) && hashOf(files) === hash;
  } catch {
    return false;
  }
}

/** By content: the compiler writes every file anew, the same or not. */
function hashOf(files) {
  const hash = createHash("sha256");
  for (const file of files) hash.update(file).update(fs.readFileSync(path.resolve(root, file)));
  return hash.digest("base64");
}

async function makeBundle() {
  const { rolldown } = await import("rolldown");
  const build = await rolldown({ input: entry, platform: "browser" });
  const { output } = await build.generate({ format: "iife", minify: true, codeSplitting: false });
  await build.close();
  const [{ code, moduleIds }] = output;
  const files = [...moduleIds.filter((id) => path.isAbsolute(id)), ...TOOLS].map((file) =>
    path.relative(root, file),
  );
  const made = {
    format: "raftwreck-playground",
    version: 1,
    // As a page's content security policy names a script that it lets run.
    hash: `sha256-${createHash("sha256").update(code).digest("base64")}`,
    gzip: gzipSync(code, { level: 9 }).toString("base64"),
  };
  // Whoever writes a report meanwhile reads a whole one.
  fs.writeFileSync(`${bundle}.tmp`, JSON.stringify(made));
  fs.renameSync(`${bundle}.tmp`, bundle);
  fs.writeFileSync(stamp, JSON.stringify({ files, hash: hashOf(files) }));
}

if (process.argv[1] === self) {
  try {
    await makeBundle();
  } catch (error) {
    process.stderr.write(error.message);
    process.exitCode = 1;
  }
}

import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import type { Handler } from "./web-server.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".svg": "image/svg+xml",
};

/** The files of a folder below a path; nothing outside of it, and no folder's list. */
export function staticFiles(prefix: string, folder: string): Handler {
  const root = path.resolve(folder);
  return async ({ method, path: asked }) => {
    if (method !== "GET" || !asked.startsWith(prefix)) return undefined;
    const relative = decode(asked.slice(prefix.length));
    if (relative === undefined) return undefined;
    const file = path.resolve(root, `./${relative}`);
    if (!file.startsWith(root + path.sep)) return undefined;
    try {
      if (!(await stat(file)).isFile()) return undefined;
      const type = TYPES[path.extname(file)] ?? "text/plain; charset=utf-8";
      return { status: 200, type, body: await readFile(file) };
    } catch {
      return undefined;
    }
  };
}

function decode(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

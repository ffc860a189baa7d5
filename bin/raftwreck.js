#!/usr/bin/env node
// Runs the current source: in a checkout whatever is newer than the last build is compiled first.
import { build, isCheckout, isStale } from "./build.js";

const EX_SOFTWARE = 70;

if (isCheckout() && isStale()) {
  try {
    build({ onlyIfStale: true });
  } catch {
    process.stderr.write("raftwreck: the source does not compile; see above\n");
    process.exit(EX_SOFTWARE);
  }
}

const { main } = await import("../dist/src/cli.js");
await main(process.argv.slice(2));

import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import yargs from "yargs";
import { parseNodeConfig } from "../../node/config.ts";
import { allLinks, linkName } from "../../src/base/node-id.ts";
import { runFlags } from "../../src/commands/run-flags.ts";
import { nodeArgs } from "../../src/system/node-args.ts";
import { DEFAULT_CHOICES, nodeNames } from "../../src/run/plan.ts";

const root = path.resolve(import.meta.dirname, "../..");
const text = readFileSync(path.join(root, "docker-compose.yml"), "utf8");

interface Service {
  readonly command: string | readonly string[];
  readonly entrypoint?: readonly string[];
  readonly image: string;
  readonly init?: boolean;
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
  readonly ports?: readonly string[];
  readonly healthcheck: { readonly test?: readonly string[]; readonly disable?: boolean };
  readonly build?: { readonly dockerfile: string; readonly target: string };
}

interface Proxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

const { services, networks, volumes, version } = parse(text, { merge: true }) as {
  readonly version: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
};
const proxies = JSON.parse(
  readFileSync(path.join(root, "deploy/toxiproxy.json"), "utf8"),
) as readonly Proxy[];
const nodes = nodeNames(DEFAULT_CHOICES.nodeCount);

/** What Compose makes of a command where nothing is set from outside. */
function words(command: Service["command"]): string[] {
  const given = typeof command === "string" ? command.split(/\s+(?![^${]*\})/) : command;
  return given
    .map((word) => word.replace(/\$\{\w+:-([^}]*)\}/, "$1"))
    .filter((word) => word !== "");
}

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
}

describe("docker-compose.yml", () => {
  test("has the nodes of a default run, Toxiproxy and the harness, for old and new Compose", () => {
    expect(version).toBe("3.9");
    expect(Object.keys(services).sort()).toEqual(["chaos", ...nodes, "toxiproxy"]);
    expect(Object.keys(networks)).toEqual(nodes);
    expect(Object.keys(volumes)).toEqual(nodes);
    expect(text).not.toContain("profiles:");
    expect(Object.values(services).every(({ init }) => init === true)).toBe(true);
  });

  test.each(nodes)(
    "%s is on a network of its own, and calls others where their proxies are",
    (id) => {
      const {
        networks: own,
        command,
        volumes: mounts,
        ports,
        healthcheck,
        entrypoint,
      } = service(id);
      expect(own).toEqual([id]);
      expect(mounts).toEqual([`${id}:/data`]);
      expect(ports).toEqual([`127.0.0.1:81${id.replace("n", "0")}:8080`]);
      expect(healthcheck.test?.join(" ")).toContain("/healthz");
      expect(entrypoint).toEqual(["node", "dist/node/keeper.js"]);
      const port = (peer: string): number =>
        Number(
          /:(\d+)$/.exec(proxies.find(({ name }) => name === `${id}-${peer}`)?.listen ?? "")?.[1],
        );
      const expected = nodeArgs({
        id,
        listen: { host: "0.0.0.0", port: 8080 },
        dataDirectory: "/data",
        traceFile: "/data/trace.jsonl",
        peers: nodes
          .filter((node) => node !== id)
          .map((peer) => [peer, { host: "toxiproxy", port: port(peer) }]),
        mutant: null,
      });
      // Their ports are open to everybody on the host, who shall not be able to break them.
      const config = { ...parseNodeConfig(expected), testing: false };
      expect(parseNodeConfig(words(command))).toEqual(config);
    },
  );

  test("Toxiproxy has a proxy for every link, each at a port of its own, leading to its target's name", () => {
    const links = allLinks(nodes);
    expect(proxies.map(({ name }) => name)).toEqual(links.map(linkName));
    expect(proxies.map(({ upstream }) => upstream)).toEqual(
      links.map(({ target }) => `${target}:8080`),
    );
    expect(new Set(proxies.map(({ listen }) => listen)).size).toBe(links.length);
    expect(proxies.every(({ enabled }) => enabled)).toBe(true);
    const { networks: all, image, command, volumes: mounts } = service("toxiproxy");
    expect(all).toEqual(nodes);
    expect(words([image])).toEqual(["ghcr.io/shopify/toxiproxy:2.12.0"]);
    expect(command).toContain("-config=/etc/toxiproxy.json");
    expect(mounts).toEqual(["./deploy/toxiproxy.json:/etc/toxiproxy.json:ro"]);
  });

  test("no port of this host is taken twice, and none is open to others", () => {
    const ports = Object.values(services).flatMap((each) => each.ports ?? []);
    expect(ports.every((port) => port.startsWith("127.0.0.1:"))).toBe(true);
    expect(new Set(ports).size).toBe(ports.length);
  });

  test("the harness reaches all nodes and the engine, and its flags are flags", async () => {
    const { networks: all, volumes: mounts, command } = service("chaos");
    expect(all).toEqual(nodes);
    expect(mounts).toContain("/var/run/docker.sock:/var/run/docker.sock");
    const given = words(command);
    const parsed = await runFlags(
      yargs([...given])
        .strict()
        .exitProcess(false),
    ).parseAsync();
    expect(parsed).toMatchObject({ environment: "docker", attach: "self", duration: "60" });
  });

  test("images are made by a stage that there is", () => {
    const { build } = service("n1");
    const dockerfile = readFileSync(path.join(root, build?.dockerfile ?? ""), "utf8");
    const [stage = ""] = words([build?.target ?? ""]);
    expect(dockerfile).toContain(`AS ${stage}\n`);
    expect(dockerfile).toContain("ARG BASE_IMAGE=node:22-slim");
    for (const name of Object.keys(services).filter((each) => each !== "toxiproxy")) {
      expect(service(name).build).toEqual(build);
    }
  });

  test("what a stage copies is let into the context", () => {
    const ignore = readFileSync(path.join(root, ".dockerignore"), "utf8").split("\n");
    const dockerfile = readFileSync(path.join(root, "node/Dockerfile"), "utf8");
    const copied = [...dockerfile.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap((match) =>
      (match[1] ?? "").split(" "),
    );
    const kept = copied.filter((name) => name !== ".");
    expect(kept.length).toBeGreaterThan(5);
    for (const name of kept) {
      expect(ignore, name).toContain(`!${name}`);
      expect(existsSync(path.join(root, name)), name).toBe(true);
    }
  });
});

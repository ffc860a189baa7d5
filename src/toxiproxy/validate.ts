import {
  badRequestBody,
  invalidName,
  invalidStream,
  invalidToxicType,
  missingField,
} from "./api-error.ts";
import { Fields } from "./fields.ts";
import type { Toxic, ToxicChange, ToxicInput } from "./toxic.ts";
import type { Attributes, ToxicType } from "./toxic-type.ts";
import { TOXIC_TYPES } from "./toxics/table.ts";

export interface ProxyInput {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
}

/** What is missing stays as it is. */
export interface ProxyChange {
  readonly listen: string | undefined;
  readonly upstream: string | undefined;
  readonly enabled: boolean | undefined;
}

export function parseProxy(body: unknown): ProxyInput {
  return requireProxy(readProxy(body), "");
}

/** Checks the whole list before anything is made of it. */
export function parsePopulation(body: unknown): ProxyInput[] {
  if (body === null) return [];
  if (!Array.isArray(body)) throw badRequestBody("the body must be a list of proxies");
  return body.map(readProxy).map((proxy, i) => requireProxy(proxy, ` at proxy ${i + 1}`));
}

export function parseProxyChange(body: unknown): ProxyChange {
  return readProxy(body);
}

export function parseToxic(body: unknown): ToxicInput {
  const fields = new Fields(body);
  const typeName = fields.string("type") ?? "";
  const stream = (fields.string("stream") ?? "downstream").toLowerCase();
  const name = fields.string("name") || `${typeName}_${stream}`;
  const toxicity = fields.number("toxicity") ?? 1;
  if (stream !== "upstream" && stream !== "downstream") throw invalidStream();
  const type = TOXIC_TYPES.get(typeName);
  if (!type) throw invalidToxicType();
  checkName(name);
  const attributes = parseAttributes(type, fields.object("attributes"), {});
  return { name, typeName, type, stream, toxicity, attributes };
}

/** Attributes are merged into those that the toxic has; its name, type and stream never change. */
export function parseToxicChange(toxic: Toxic, body: unknown): ToxicChange {
  const fields = new Fields(body);
  return {
    toxicity: fields.number("toxicity") ?? toxic.toxicity,
    attributes: parseAttributes(toxic.type, fields.object("attributes"), toxic.attributes),
  };
}

function readProxy(body: unknown): ProxyChange & { readonly name: string | undefined } {
  const fields = new Fields(body);
  return {
    name: fields.string("name"),
    listen: fields.string("listen"),
    upstream: fields.string("upstream"),
    enabled: fields.boolean("enabled"),
  };
}

function requireProxy(
  { name, listen = "", upstream, enabled = true }: ReturnType<typeof readProxy>,
  where: string,
): ProxyInput {
  if (!name) throw missingField(`name${where}`);
  if (!upstream) throw missingField(`upstream${where}`);
  checkName(name);
  return { name, listen, upstream, enabled };
}

/** A name is one segment of a path; others could be made, but never read or deleted. */
function checkName(name: string): void {
  if (name.includes("/") || name === "." || name === "..") throw invalidName(name);
}

function parseAttributes(
  type: ToxicType,
  fields: Fields,
  old: Readonly<Partial<Attributes>>,
): Attributes {
  const attributes = Object.fromEntries(
    type.attributeNames.map((name) => [name, fields.count(name) ?? old[name] ?? 0]),
  );
  const complaint = type.complain?.(attributes);
  if (complaint) throw badRequestBody(`attributes.${complaint}`);
  return attributes;
}

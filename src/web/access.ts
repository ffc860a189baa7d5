import { timingSafeEqual } from "node:crypto";
import type { IncomingMessage } from "node:http";

/** Who may talk to the server: whoever was given the address with its token, from this host's own pages. */
export interface Access {
  readonly token: string;
  readonly port: number;
  /** Names by which this server may be called, against pages elsewhere whose name leads here (DNS rebinding). */
  readonly hosts: readonly string[];
}

/** Why a request is refused, as status and sentence; "welcome" sets the cookie; undefined: let it in. */
export function refuse(
  request: IncomingMessage,
  access: Access,
): { readonly status: number; readonly text: string } | "welcome" | undefined {
  const { host = "", origin } = request.headers;
  const names = access.hosts.map((name) => `${name}:${access.port}`);
  if (!names.includes(host)) return { status: 403, text: `this server is not ${host}` };
  if (request.method !== "GET" && request.method !== "HEAD") {
    // A browser tells where a page that posts comes from.
    if (origin !== undefined && !names.some((name) => origin === `http://${name}`))
      return { status: 403, text: `pages from ${origin} may not give orders here` };
  }
  const url = new URL(request.url ?? "/", `http://${host}`);
  const given = url.searchParams.get("token");
  if (given !== null && isSame(given, access.token)) return "welcome";
  const cookie = cookieOf(request, cookieName(access));
  if (cookie !== undefined && isSame(cookie, access.token)) return undefined;
  return { status: 401, text: "open the address that was printed: it ends with ?token=…" };
}

export function welcomeCookie(access: Access): string {
  return `${cookieName(access)}=${access.token}; HttpOnly; SameSite=Strict; Path=/`;
}

/** Cookies are shared by all ports of a host. */
function cookieName({ port }: Access): string {
  return `raftwreck-${port}`;
}

function cookieOf({ headers }: IncomingMessage, name: string): string | undefined {
  const pairs = (headers.cookie ?? "").split(";").map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

function isSame(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

import type { LiveFault, LiveNode, LiveState } from "../live-state.ts";
import { setAttributes, setText, svg } from "./dom.ts";

const SIZE = 440;
const RADIUS = 160;
const NODE_RADIUS = 38;
/** How far the two directions of a pair stand apart. */
const APART = 7;

type LinkLook = "whole" | "slow" | "cut";

const CUTTING: ReadonlySet<string> = new Set(["partition", "flap", "lose-answers"]);

interface Place {
  readonly x: number;
  readonly y: number;
}

/** The cluster as a ring: nodes with role and term, and an arrow for every directed link, whole, slow or cut. */
export class Ring {
  readonly #root = svg("svg", { viewBox: `0 0 ${SIZE} ${SIZE}`, role: "img", class: "ring" });
  readonly #places = new Map<string, Place>();
  readonly #nodes = new Map<string, { group: SVGGElement; role: SVGTextElement }>();
  readonly #links = new Map<string, { line: SVGLineElement; mark: SVGTextElement }>();
  readonly #cut: (source: string, target: string) => void;

  /** `cut` is called when somebody drags from one node to another. */
  constructor(parent: Element, cut: (source: string, target: string) => void) {
    this.#cut = cut;
    this.#root.append(
      svg(
        "defs",
        {},
        svg(
          "marker",
          {
            id: "tip",
            viewBox: "0 0 8 8",
            refX: 7,
            refY: 4,
            markerWidth: 6,
            markerHeight: 6,
            orient: "auto",
          },
          svg("path", { d: "M0 0 8 4 0 8z", class: "tip" }),
        ),
      ),
    );
    parent.replaceChildren(this.#root);
  }

  update({ nodes, faults }: LiveState): void {
    if (this.#places.size === 0) this.#build(nodes.map(({ node }) => node));
    for (const [name, { line, mark }] of this.#links) {
      const look = lookOf(name, faults, nodes);
      setAttributes(line, { class: `link link-${look}` });
      setAttributes(mark, { class: `link-mark is-${look}` });
      setText(mark, look === "cut" ? "✕" : look === "slow" ? "…" : "");
    }
    for (const state of nodes) {
      const shown = this.#nodes.get(state.node);
      if (shown === undefined) continue;
      setAttributes(shown.group, { class: `node node-${state.life} is-${state.role ?? "none"}` });
      setText(shown.role, roleText(state));
    }
    setAttributes(this.#root, { "aria-label": summary(nodes, faults) });
  }

  #build(names: readonly string[]): void {
    for (const [i, name] of names.entries()) {
      const angle = (2 * Math.PI * i) / names.length - Math.PI / 2;
      const [x, y] = [Math.cos(angle), Math.sin(angle)].map((at) => SIZE / 2 + RADIUS * at);
      this.#places.set(name, { x: x ?? 0, y: y ?? 0 });
    }
    for (const source of names)
      for (const target of names) if (source !== target) this.#buildLink(source, target);
    for (const name of names) this.#buildNode(name);
  }

  #buildLink(source: string, target: string): void {
    const [from, to] = [this.#places.get(source), this.#places.get(target)];
    if (from === undefined || to === undefined) return;
    const length = Math.hypot(to.x - from.x, to.y - from.y);
    const [ux, uy] = [(to.x - from.x) / length, (to.y - from.y) / length];
    const at = (along: number): Place => ({
      x: from.x + ux * along - uy * APART,
      y: from.y + uy * along + ux * APART,
    });
    const [start, end, middle] = [
      at(NODE_RADIUS + 4),
      at(length - NODE_RADIUS - 6),
      at(length * 0.4),
    ];
    const line = svg("line", {
      x1: start.x,
      y1: start.y,
      x2: end.x,
      y2: end.y,
      "marker-end": "url(#tip)",
    });
    const mark = svg("text", { x: middle.x, y: middle.y, class: "link-mark" });
    line.append(svg("title", {}, `${source} calls ${target}`));
    this.#links.set(`${source}-${target}`, { line, mark });
    this.#root.append(line, mark);
  }

  #buildNode(name: string): void {
    const { x, y } = this.#places.get(name) ?? { x: 0, y: 0 };
    const role = svg("text", { y: 14, class: "node-role" });
    const group = svg(
      "g",
      { transform: `translate(${x} ${y})`, "data-node": name },
      svg("circle", { r: NODE_RADIUS }),
      svg("text", { y: -4, class: "node-name" }, name),
      role,
    );
    group.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      addEventListener("pointerup", (up) => this.#drop(name, up), { once: true });
    });
    this.#nodes.set(name, { group, role });
    this.#root.append(group);
  }

  #drop(source: string, { clientX, clientY }: PointerEvent): void {
    const under = document.elementFromPoint(clientX, clientY)?.closest("[data-node]");
    const target = under?.getAttribute("data-node") ?? source;
    if (target !== source) this.#cut(source, target);
  }
}

function lookOf(name: string, faults: readonly LiveFault[], nodes: readonly LiveNode[]): LinkLook {
  const kinds = faults.filter(({ links }) => links.includes(name)).map(({ kind }) => kind);
  const isDown = nodes.some(({ node, life }) => life !== "up" && name.split("-").includes(node));
  if (isDown || kinds.some((kind) => CUTTING.has(kind))) return "cut";
  return kinds.length > 0 ? "slow" : "whole";
}

/** "leader t6". */
function roleText({ life, role, term }: LiveNode): string {
  if (life === "down") return "down";
  return `${life === "paused" ? "paused" : (role ?? "–")} t${term}`;
}

function summary(nodes: readonly LiveNode[], faults: readonly LiveFault[]): string {
  const roles = nodes.map((node) => `${node.node} ${roleText(node)}`).join(", ");
  const count = faults.length === 1 ? "1 fault in force" : `${faults.length} faults in force`;
  return `${roles}; ${count}`;
}

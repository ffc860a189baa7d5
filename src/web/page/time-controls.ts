import type { PlaygroundData } from "../../report/playground/data.ts";
import { button, byId, element, setText } from "./dom.ts";
import type { Player, Shown } from "./player.ts";

const SPEEDS = [0.01, 0.1, 1, 10, 100];
const SECOND_MS = 1000;
/** An arrow key moves by so much. */
const SLIDER_STEP_MS = 50;
/** How long before a violation is shortly before. */
const BEFORE_MS = 300;

/** Where a run is worth looking at first. */
export function openingMs({ violations }: PlaygroundData): number {
  const [first] = violations;
  return first === undefined ? 0 : shortlyBefore(first.atMs);
}

/** Slider and buttons that move a player through time; returns what keeps them up to date. */
export function buildControls(
  { violations, endMs }: PlaygroundData,
  player: Player,
): { show(shown: Shown): void; end(endMs: number): void } {
  const slider = element("input", {
    type: "range",
    min: 0,
    max: Math.ceil(endMs),
    step: SLIDER_STEP_MS,
    "aria-label": "Moment of the run",
  });
  const goTo = (ms: number): void => {
    player.pause();
    player.goTo({ ms });
  };
  const act = (text: string, what: () => void): HTMLElement =>
    button(text, () => {
      player.pause();
      what();
    });
  slider.addEventListener("input", () => goTo(Number(slider.value)));
  const play = button("Play", () => (player.isPlaying ? player.pause() : player.play()), {
    class: "primary",
  });
  const moments = element("p", { id: "moments", class: "dim" });
  const controls: Node[] = [
    play,
    speedChoice(player),
    act("− 1 s", () => player.goOn(-SECOND_MS)),
    act("− 1 event", () => player.step(-1)),
    act("+ 1 event", () => player.step(1)),
    act("+ 1 s", () => player.goOn(SECOND_MS)),
    act("From the start", () => player.goTo({ ms: 0 })),
    act("To the end", () => player.goTo({ ms: Infinity })),
  ];
  const buttons = element("p", { class: "buttons" }, ...controls);
  if (violations.length > 0)
    buttons.append("Shortly before:", ...violationButtons(violations, goTo));
  byId("controls").append(slider, buttons, moments);
  return {
    show({ nowMs, isPlaying, last, next }) {
      slider.value = String(nowMs);
      slider.setAttribute("aria-valuetext", `${(nowMs / 1000).toFixed(2)} s`);
      setText(play, isPlaying ? "Pause" : "Play");
      const texts = [last && `just now: ${last}`, next && `next: ${next}`];
      setText(moments, texts.filter((text) => text !== "").join(" · "));
    },
    end: (ms) => (slider.max = String(Math.ceil(ms))),
  };
}

function speedChoice(player: Player): HTMLElement {
  const choice = element("select", { "aria-label": "Speed" });
  for (const factor of SPEEDS)
    choice.append(element("option", { value: factor, selected: factor === 1 }, `${factor}×`));
  choice.addEventListener("change", () => (player.speed = Number(choice.value)));
  return choice;
}

/** One for each that is not seen from the one before. */
function violationButtons(
  violations: PlaygroundData["violations"],
  goTo: (ms: number) => void,
): HTMLElement[] {
  const numbered = violations.map((violation, i) => ({ ...violation, number: i + 1 }));
  let shownMs = -Infinity;
  const apart = numbered.filter(({ atMs }) => {
    const isApart = atMs - shownMs >= BEFORE_MS;
    if (isApart) shownMs = atMs;
    return isApart;
  });
  return apart.map(({ atMs, sentence, number }) =>
    button(`✕ ${number}, ${(atMs / 1000).toFixed(2)} s`, () => goTo(shortlyBefore(atMs)), {
      title: sentence,
    }),
  );
}

function shortlyBefore(ms: number): number {
  return Math.max(0, ms - BEFORE_MS);
}

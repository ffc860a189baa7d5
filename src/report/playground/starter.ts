/**
 * Leads to the playground from what broke, and unpacks and starts it when it comes into view. The page's policy knows
 * the hash of the program, so nothing else could be started this way.
 */
export const STARTER = `
"use strict";
(() => {
  const section = document.getElementById("playground");
  const state = document.getElementById("playground-state");
  const unpack = (id) => {
    const binary = atob(document.getElementById(id).textContent);
    const bytes = new Uint8Array(binary.length);
    for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream).text();
  };
  const start = async () => {
    const [data, program] = await Promise.all([unpack("playground-plan"), unpack("playground-program")]);
    const add = (attributes, text) => {
      document.body.append(Object.assign(document.createElement("script"), attributes, { text }));
    };
    add({ type: "application/json", id: "playground-data" }, data);
    document.getElementById("playground-body").hidden = false;
    add({}, program);
    state.remove();
  };
  state.textContent = "Starting the simulator …";
  const again = document.querySelector("#violation-1 .reproduce p");
  if (again) {
    const link = Object.assign(document.createElement("a"), { href: "#playground" });
    link.textContent = "play it here, from shortly before";
    again.append(" · ", link);
  }
  let isStarted = false;
  const begin = () => {
    if (isStarted) return;
    isStarted = true;
    start().catch((error) => {
      state.textContent = "The playground does not start in this browser: " + error.message;
    });
  };
  new IntersectionObserver((entries) => {
    if (entries.some((entry) => entry.isIntersecting)) begin();
  }).observe(section);
  // A browser may go nowhere while it still scrolls to what got the focus.
  addEventListener("hashchange", () => {
    if (location.hash !== "#playground") return;
    section.scrollIntoView();
    begin();
  });
})();
`;

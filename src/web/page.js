// @ts-check
import "./player.js";

/** How often the list of streams is read, milliseconds; the second while somebody waits for one to start. */
const EVERY = 3000;
const WHILE_STARTING = 700;
/** A page with few streams starts them by itself. */
const AUTOPLAY_UP_TO = 4;

const list = /** @type {HTMLElement} */ (document.getElementById("streams"));
const status = /** @type {HTMLElement} */ (document.getElementById("status"));
/** @type {Map<string, HTMLElement>} */
const cards = new Map();

/** cam2 before cam10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

const STATES = { idle: "starts with the first viewer", connecting: "connecting to the camera", online: "live", waiting: "offline", refused: "refused" };

/** @param {string} tag @param {Record<string, string>} properties */
function element(tag, properties = {}) {
  return Object.assign(document.createElement(tag), properties);
}

/** @param {string} name @param {boolean} autoplay */
function makeCard(name, autoplay) {
  const card = element("article");
  const player = document.createElement("fogcast-player");
  player.setAttribute("stream", name);
  if (autoplay) player.setAttribute("autoplay", "");
  const about = element("div", { className: "about" });
  const link = /** @type {HTMLAnchorElement} */ (element("a", { textContent: "HLS" }));
  link.href = `hls/${encodeURIComponent(name)}/index.m3u8`;
  about.append(
    element("span", { className: "dot" }),
    element("h2", { textContent: name }),
    element("span", { className: "tracks" }),
    link,
    element("span", { className: "reason" }),
  );
  card.append(player, about);
  return card;
}

/** @param {HTMLElement} card @param {any} stream */
function fill(card, stream) {
  const at = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (card.querySelector(selector));
  const state = /** @type {keyof typeof STATES} */ (stream.state);
  at(".dot").className = `dot ${state}`;
  at(".dot").title = STATES[state];
  const tracks = stream.tracks.map((/** @type {any} */ t) => t.label).join(" + ");
  at(".tracks").textContent = tracks === "" ? STATES[state] : `${tracks} · ${STATES[state]}`;
  at(".reason").textContent = state === "waiting" || state === "refused" ? stream.reason : "";
}

function showEmpty() {
  if (list.querySelector(".empty") !== null) return;
  const box = element("div", { className: "empty" });
  box.innerHTML = "<p>No stream is configured yet. Put this into <code>fogcast.yaml</code>:</p>" +
    "<pre>streams:\n  front-door:\n    source: rtsp://user:pass@camera.local:554/Streaming/Channels/101</pre>";
  list.append(box);
}

/** @param {any[]} streams */
function show(streams) {
  const names = new Set(streams.map((s) => s.name));
  for (const [name, card] of cards) {
    if (names.has(name)) continue;
    card.remove();
    cards.delete(name);
  }
  if (streams.length === 0) showEmpty();
  else list.querySelector(".empty")?.remove();
  streams.sort((a, b) => BY_NAME.compare(a.name, b.name));
  for (const [i, stream] of streams.entries()) {
    let card = cards.get(stream.name);
    if (card === undefined) {
      card = makeCard(stream.name, streams.length <= AUTOPLAY_UP_TO);
      cards.set(stream.name, card);
      list.insertBefore(card, list.children[i] ?? null);
    }
    fill(card, stream);
  }
  status.textContent = streams.length === 1 ? "1 stream" : `${streams.length} streams`;
}

/** Whether a player waits for its stream. @param {any} stream */
function starting(stream) {
  if (stream.state === "connecting") return true;
  const player = cards.get(stream.name)?.querySelector("fogcast-player");
  return stream.state === "idle" && /** @type {any} */ (player).playing;
}

async function refresh() {
  let pause = EVERY;
  try {
    const answer = await fetch("streams.json", { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    const streams = await answer.json();
    show(streams);
    if (streams.some(starting)) pause = WHILE_STARTING;
  } catch (error) {
    status.textContent = `The server does not answer (${error instanceof Error ? error.message : error})`;
  }
  setTimeout(refresh, pause);
}

refresh();

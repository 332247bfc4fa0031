// @ts-check
import "./player.js";

/** How often the list of streams is read, milliseconds. */
const EVERY = 3000;
/** A page with few streams starts them by itself. */
const AUTOPLAY_UP_TO = 4;

const list = /** @type {HTMLElement} */ (document.getElementById("streams"));
const status = /** @type {HTMLElement} */ (document.getElementById("status"));
/** @type {Map<string, HTMLElement>} */
const cards = new Map();

const STATES = { idle: "starts with the first viewer", connecting: "connecting", online: "live", waiting: "offline", refused: "refused" };

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
  list.querySelector(".empty")?.remove();
  if (streams.length === 0) showEmpty();
  for (const stream of streams) {
    let card = cards.get(stream.name);
    if (card === undefined) {
      card = makeCard(stream.name, streams.length <= AUTOPLAY_UP_TO);
      cards.set(stream.name, card);
      list.append(card);
    }
    fill(card, stream);
  }
  status.textContent = streams.length === 1 ? "1 stream" : `${streams.length} streams`;
}

async function refresh() {
  try {
    const answer = await fetch("streams.json", { cache: "no-store" });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    show(await answer.json());
  } catch (error) {
    status.textContent = `The server does not answer (${error instanceof Error ? error.message : error})`;
  }
  setTimeout(refresh, EVERY);
}

refresh();

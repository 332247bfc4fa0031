import { Card, element } from "./card.ts";
import { LiveBudget } from "./live_budget.ts";
import { followStreams, type ListedStream } from "./streams.ts";
import type { FogcastPlayer } from "../player/element.ts";

/** A page with few streams starts them by itself. */
const AUTOPLAY_UP_TO = 4;
/** Players that are live at once. */
const LIVE_MOST = 9;
/** With so many streams there is a field to filter them. */
const FILTER_FROM = 9;

/** cam2 before cam10. */
const BY_NAME = new Intl.Collator("en", { numeric: true });

const EXAMPLE =
  "streams:\n  front-door:\n    source: rtsp://user:pass@camera.local:554/Streaming/Channels/101\n";

/** The page `/`: all streams as tiles. */
export function showGrid(): void {
  new Grid().follow();
}

class Grid {
  readonly #list = document.getElementById("streams") as HTMLElement;
  readonly #status = document.getElementById("status") as HTMLElement;
  readonly #filter = document.getElementById("filter") as HTMLInputElement;
  readonly #cards = new Map<string, Card>();
  readonly #budget = new LiveBudget<FogcastPlayer>(LIVE_MOST);
  readonly #view: IntersectionObserver;
  #large: Card | undefined;

  constructor() {
    this.#view = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (this.#large === undefined) {
          this.#budget.seen(target as FogcastPlayer, isIntersecting);
        }
      }
    }, { rootMargin: "200px" });
    this.#filter.addEventListener("input", () => this.#applyFilter());
    this.#list.addEventListener("keydown", (event) => this.#key(event));
    this.#list.addEventListener("fogcaststate", (event) => {
      const { state } = (event as CustomEvent<{ state: string }>).detail;
      if (state === "starting") {
        this.#budget.started(event.target as FogcastPlayer);
      }
    });
    addEventListener(
      "popstate",
      () =>
        this.#showLarge(
          this.#cards.get(decodeURIComponent(location.hash.slice(1))),
        ),
    );
  }

  follow(): void {
    followStreams(
      (streams) => this.#show(streams),
      (reason) => this.#status.textContent = `The server does not answer (${reason})`,
    );
  }

  /** Answers whether somebody waits for a stream to start. */
  #show(given: readonly ListedStream[]): boolean {
    const streams = given.toSorted((a, b) => BY_NAME.compare(a.name, b.name));
    const names = new Set(streams.map((s) => s.name));
    for (const [name, card] of this.#cards) {
      if (!names.has(name)) this.#remove(card);
    }
    if (streams.length === 0) this.#showEmpty();
    else this.#list.querySelector(".empty")?.remove();
    for (const [i, stream] of streams.entries()) {
      let card = this.#cards.get(stream.name);
      if (card === undefined) {
        card = this.#add(stream.name, i);
        card.fill(stream);
        if (streams.length <= AUTOPLAY_UP_TO) card.player.play();
      } else card.fill(stream);
    }
    this.#filter.hidden = streams.length < FILTER_FROM;
    this.#status.textContent = streams.length === 1 ? "1 stream" : `${streams.length} streams`;
    if (this.#large === undefined && location.hash.length > 1) {
      this.#showLarge(
        this.#cards.get(decodeURIComponent(location.hash.slice(1))),
      );
    }
    return streams.some((s) =>
      s.state === "connecting" ||
      (s.state === "idle" && this.#cards.get(s.name)?.player.playing === true)
    );
  }

  #add(name: string, place: number): Card {
    const card = new Card(name, () => this.#toggleLarge(card));
    this.#cards.set(name, card);
    // a click on the picture enlarges it; on a control it does what that says
    card.player.addEventListener("click", (event) => {
      const [inner] = event.composedPath();
      if (
        inner instanceof HTMLElement &&
        inner.closest("button, input, .bar, .menu") !== null
      ) return;
      if (
        inner instanceof SVGElement || this.#large === card ||
        !card.player.playing
      ) return;
      this.#toggleLarge(card);
    });
    this.#list.insertBefore(card.element, this.#list.children[place] ?? null);
    this.#view.observe(card.player);
    return card;
  }

  #remove(card: Card): void {
    if (this.#large === card) this.#showLarge(undefined);
    this.#budget.ended(card.player);
    this.#view.unobserve(card.player);
    card.element.remove();
    this.#cards.delete(card.name);
  }

  #showEmpty(): void {
    if (this.#list.querySelector(".empty") !== null) return;
    const box = element("div", { className: "empty" });
    const say = (text: string) => element("p", { textContent: text });
    const code = element("pre");
    code.append(element("code", { textContent: EXAMPLE }));
    box.append(
      element("h2", { textContent: "No stream is configured yet" }),
      say(
        "Put this into fogcast.yaml, with the address of a camera of yours; the page shows it as soon as it is saved:",
      ),
      code,
      say("To see how it looks without a camera, run: fogcast demo"),
    );
    this.#list.append(box);
  }

  #applyFilter(): void {
    const wanted = this.#filter.value.trim().toLowerCase();
    for (const card of this.#cards.values()) {
      card.element.hidden = !card.name.toLowerCase().includes(wanted);
    }
  }

  /** With a place in the history, so that the browser's own way back leads back. */
  #toggleLarge(card: Card): void {
    if (this.#large === card) history.back();
    else {
      history.pushState(null, "", `#${encodeURIComponent(card.name)}`);
      this.#showLarge(card);
    }
  }

  #showLarge(card: Card | undefined): void {
    const before = this.#large;
    if (before === card) return;
    this.#large = card;
    if (before !== undefined) before.large = false;
    for (const other of this.#cards.values()) {
      other.element.inert = card !== undefined && other !== card;
    }
    document.body.classList.toggle("large", card !== undefined);
    if (card === undefined) {
      if (location.hash !== "") {
        history.replaceState(null, "", location.pathname);
      }
      before?.player.focus();
      return;
    }
    card.large = true;
    card.player.play();
    card.player.focus();
  }

  #key(event: KeyboardEvent): void {
    if (
      event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    ) return;
    const { key, target } = event;
    const shown = [...this.#cards.values()].filter((c) => !c.element.hidden)
      .sort((a, b) => BY_NAME.compare(a.name, b.name));
    const at = shown.findIndex((c) => c.element.contains(target as Node));
    const card = shown[at];
    if (card === undefined) return;
    const step = ({ ArrowRight: 1, ArrowLeft: -1 } as Record<string, number>)[key];
    if (key === "Escape" && this.#large !== undefined) {
      this.#toggleLarge(this.#large);
    } else if (key === "Enter" && target === card.player) {
      this.#toggleLarge(card);
    } else if (step !== undefined) {
      const next = shown.at((at + step) % shown.length) as Card;
      if (this.#large === undefined) next.player.focus();
      else {
        history.replaceState(null, "", `#${encodeURIComponent(next.name)}`);
        this.#showLarge(next);
      }
    } else return;
    event.preventDefault();
  }
}

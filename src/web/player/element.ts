import { BASE, baseOf } from "./base_url.ts";
import { type Candidate, labelOf } from "./choose.ts";
import type { Playback, PlaybackStats, TrackKind } from "./playback.ts";
import { Session } from "./session.ts";
import type { PlayState } from "./session_options.ts";
import type { StreamInfo } from "./stream_info.ts";
import { Controls, GROUP_TITLES } from "./ui/controls.ts";
import { icon } from "./ui/icons.ts";
import { make } from "./ui/elements.ts";
import type { MenuGroup } from "./ui/menu.ts";
import { Numbers } from "./ui/numbers.ts";
import { Poster } from "./ui/poster.ts";
import { STYLE } from "./ui/style.ts";

/** More than this behind is not live any more, seconds. */
const LIVE_WITHIN = 8;
const NUMBERS_EVERY = 500;

/**
 * `<fogcast-player stream="front-door">`. Attributes: `stream`, `host` (the server, when the script comes from
 * elsewhere), `autoplay`, `muted`, `controls` (`none`: no bar), `poster` (an address, or `none`), `latency` (seconds),
 * `t` (where to begin, seconds), `better-after` (seconds without a stall, then a better way that failed is tried again;
 * 40), `video`, `audio`, `subtitle` (track selectors), `force-player`, `force-type`, `dev` (statistics shown). Events:
 * `fogcaststate` with `{ state, reason }`, `fogcastway` with `{ name, label, type }`.
 */
export class FogcastPlayer extends HTMLElement {
  /** Carries sound and volume always, and pictures unless the player paints them itself. */
  readonly video: HTMLVideoElement = make("video", "", { playsInline: true });
  readonly #stage = make("div", "stage");
  readonly #say = make("p", "say");
  readonly #text = make("span", "text");
  readonly #heard = make("div", "only-heard");
  readonly #start = make("button", "start", { type: "button" });
  readonly #unmute = make("button", "unmute", { type: "button", hidden: true });
  readonly #numbers = new Numbers();
  #controls: Controls | undefined;
  #poster: Poster | undefined;
  #session: Session | undefined;
  #paused = false;
  #timer: ReturnType<typeof setInterval> | undefined;

  static get observedAttributes(): string[] {
    return ["stream", "poster"];
  }

  connectedCallback(): void {
    if (this.shadowRoot === null) this.#build();
    this.#timer ??= setInterval(() => this.#refresh(), NUMBERS_EVERY);
    if (this.hasAttribute("autoplay")) this.play();
  }

  disconnectedCallback(): void {
    // moved within the page is not removed
    queueMicrotask(() => {
      if (this.isConnected) return;
      this.stop();
      clearInterval(this.#timer);
      this.#timer = undefined;
    });
  }

  attributeChangedCallback(name: string, before: string | null, after: string | null): void {
    if (name === "poster") {
      if (!this.playing) this.#poster?.refresh(this.#stills());
      return;
    }
    if (before === null || before === after || this.#session === undefined) {
      return;
    }
    this.stop();
    this.play();
  }

  get stream(): string {
    return this.getAttribute("stream") ?? "";
  }

  set stream(name: string) {
    this.setAttribute("stream", name);
  }

  /** The server's address, ending in a slash. */
  get base(): string {
    const host = this.getAttribute("host");
    return host === null ? BASE : baseOf(host.endsWith("/") ? host : `${host}/`);
  }

  /** Whether it plays, or tries to. */
  get playing(): boolean {
    return this.#session !== undefined && !this.#paused;
  }

  get state(): PlayState | "idle" {
    return this.#session?.state ?? "idle";
  }

  /** Seconds between the newest picture and what is shown; undefined while unknown. */
  get latency(): number | undefined {
    return this.#session?.playback?.stats().latency;
  }

  /** Name of the way that plays: `mews`, `hlsjs` … */
  get way(): string | undefined {
    return this.#session?.candidate?.way.name;
  }

  /** Names of all ways that could play, best first. */
  get ways(): readonly string[] {
    return [...new Set(this.#session?.ways.map((c) => c.way.name))];
  }

  get info(): StreamInfo | undefined {
    return this.#session?.info;
  }

  stats(): PlaybackStats | undefined {
    return this.#session?.playback?.stats();
  }

  /** Starts, or goes on at the newest picture. */
  play(): void {
    if (this.shadowRoot === null) this.#build();
    this.#start.hidden = true;
    if (this.#session !== undefined) {
      if (!this.#paused) return;
      this.#paused = false;
      this.#session.resumed();
      this.video.play().catch((error) => console.debug("fogcast: does not go on", error));
      this.#refresh();
      return;
    }
    this.#paused = false;
    const attribute = (name: string) => this.getAttribute(name) ?? undefined;
    const number = (name: string) => {
      const value = Number.parseFloat(attribute(name) ?? "");
      return Number.isFinite(value) ? value : undefined;
    };
    const tracks: Partial<Record<TrackKind, string>> = {};
    for (
      const [kind, name] of [["video", "video"], ["audio", "audio"], [
        "text",
        "subtitle",
      ]] as const
    ) {
      const selector = attribute(name);
      if (selector !== undefined) tracks[kind] = selector;
    }
    this.#session = new Session({
      name: this.stream,
      base: this.base,
      video: this.video,
      stage: this.#stage,
      latency: number("latency"),
      startTime: number("t"),
      betterAfter: number("better-after"),
      forcePlayer: attribute("force-player"),
      forceType: attribute("force-type"),
      tracks,
    }, {
      state: (state, reason) => this.#tell(state, reason),
      way: (candidate, playback) => this.#showWay(candidate, playback),
      choices: () => this.#controls?.menu.refresh(),
      info: () => this.#controls?.menu.refresh(),
      blocked: (how) => this.#blocked(how),
    });
    this.#controls?.stir();
    this.#refresh();
  }

  /** Keeps the picture; the stream goes on without the viewer. */
  pause(): void {
    if (this.#session === undefined) return;
    this.#paused = true;
    this.video.pause();
    this.#session.paused();
    this.#refresh();
  }

  /** Ends and gives up all that was loaded. */
  stop(): void {
    this.#session?.close();
    this.#session = undefined;
    this.#paused = false;
    this.video.removeAttribute("src");
    this.#start.hidden = false;
    this.#unmute.hidden = true;
    this.#tell("idle", "");
    if (this.#poster !== undefined) this.#poster.gone = false;
    if (this.isConnected) this.#poster?.refresh(this.#stills());
    this.#refresh();
  }

  /** To the newest picture. */
  goLive(): void {
    this.play();
    this.#session?.playback?.goLive?.();
  }

  /** Plays in the next way that it knows. */
  nextWay(): void {
    this.#session?.next();
  }

  /** Chooses a track of a kind by what `choices` of the playback lists: a number, a language, `none`, empty: automatic. */
  chooseTrack(kind: TrackKind, id: string): void {
    this.#session?.choose(kind, id);
  }

  #build(): void {
    const { video } = this;
    const root = this.attachShadow({ mode: "open" });
    const name = this.stream === "" ? "stream" : this.stream;
    this.tabIndex = this.hasAttribute("tabindex") ? this.tabIndex : 0;
    this.setAttribute("role", "region");
    if (!this.hasAttribute("aria-label")) {
      this.setAttribute("aria-label", `Video of ${name}`);
    }
    video.muted = this.hasAttribute("muted");
    video.setAttribute("aria-label", `Stream ${name}`);
    this.#stage.append(video);
    this.#say.append(this.#text);
    this.#heard.setAttribute("role", "status");
    this.#heard.setAttribute("aria-live", "polite");
    this.#start.innerHTML = `<span>${icon("play")}</span>`;
    this.#start.setAttribute("aria-label", `Play ${name}`);
    this.#start.addEventListener("click", () => {
      this.play();
      this.focus();
    });
    this.#unmute.innerHTML = `${icon("unmute")}Sound on`;
    this.#unmute.addEventListener("click", () => {
      video.muted = false;
      this.#unmute.hidden = true;
      this.play();
    });
    video.addEventListener(
      "volumechange",
      () => this.#unmute.hidden ||= !video.muted,
    );
    this.#poster = new Poster(this.#stills());
    root.append(
      make("style", "", { textContent: STYLE }),
      ...[
        this.#stage,
        this.#poster.element,
        this.#start,
        this.#say,
        this.#unmute,
        this.#numbers.element,
        this.#heard,
      ],
    );
    this.#numbers.element.hidden = !this.hasAttribute("dev");
    if (this.getAttribute("controls") !== "none") this.#buildControls(root);
  }

  #buildControls(root: ShadowRoot): void {
    const controls = new Controls({
      host: this,
      video: this.video,
      playing: () => this.playing,
      soundOnly: () =>
        this.state === "playing" && this.video.videoWidth === 0 &&
        this.#session?.playback?.surface === undefined,
      toggle: () => this.playing ? this.pause() : this.play(),
      goLive: () => this.goLive(),
      toggleNumbers: () => {
        this.#numbers.element.hidden = !this.#numbers.element.hidden;
        this.#refresh();
      },
      groups: () => this.#groups(),
    });
    this.#controls = controls;
    root.append(controls.bar, controls.menu.element);
    this.addEventListener("keydown", (event) => controls.key(event));
    this.#stage.addEventListener(
      "click",
      () => this.#session !== undefined && controls.stir(),
    );
    this.#stage.addEventListener(
      "dblclick",
      () => controls.key(new KeyboardEvent("keydown", { key: "f" })),
    );
  }

  #stills(): string[] {
    const given = this.getAttribute("poster");
    if (given === "none") return [];
    if (given !== null && given !== "") {
      return [new URL(given, document.baseURI).href];
    }
    const name = encodeURIComponent(this.stream);
    return name === ""
      ? []
      : [`${name}.still.mp4`, `${name}.jpg`].map((path) => new URL(path, this.base).href);
  }

  #groups(): readonly MenuGroup[] {
    const session = this.#session;
    if (session === undefined) return [];
    const groups: MenuGroup[] = [];
    for (const [kind, title] of GROUP_TITLES) {
      const entries = session.playback?.choices(kind) ?? [];
      if (entries.length > 0) {
        groups.push({
          title,
          entries,
          choose: (id) => session.choose(kind, id),
        });
      }
    }
    const ways = session.ways;
    if (ways.length > 1) {
      groups.push({
        title: "Protocol",
        entries: ways.map((c) => ({
          id: `${c.way.name} ${c.source.type}`,
          label: labelOf(c),
          chosen: c.way === session.candidate?.way &&
            c.source.type === session.candidate.source.type,
        })),
        choose: (id) => this.#playBy(id),
      });
    }
    return groups;
  }

  /** `id`: name of a way and type of a source. */
  #playBy(id: string): void {
    const [way, type] = id.split(" ") as [string, string];
    this.setAttribute("force-player", way);
    this.setAttribute("force-type", type);
    this.#session?.close();
    this.#session = undefined;
    this.play();
  }

  #tell(state: PlayState | "idle", reason: string): void {
    this.#say.classList.toggle(
      "still",
      state === "failed" || state === "ended",
    );
    if (this.#text.textContent !== reason) this.#text.textContent = reason;
    const heard = state === "playing" ? "Playing" : reason;
    if (this.#heard.textContent !== heard) this.#heard.textContent = heard;
    if (state === "playing" && this.#poster !== undefined) {
      this.#poster.gone = true;
    }
    this.dispatchEvent(
      new CustomEvent("fogcaststate", {
        detail: { state, reason },
        bubbles: true,
      }),
    );
  }

  #showWay(
    candidate: Candidate | undefined,
    playback: Playback | undefined,
  ): void {
    this.#controls?.menu.refresh();
    this.#refresh();
    if (candidate === undefined || playback === undefined) return;
    const { name } = candidate.way;
    const detail = { name, label: labelOf(candidate), type: candidate.source.type };
    this.dispatchEvent(
      new CustomEvent("fogcastway", { detail, bubbles: true }),
    );
  }

  #blocked(how: "muted" | "paused"): void {
    if (how === "muted") this.#unmute.hidden = false;
    else {
      this.#paused = true;
      this.#start.hidden = false;
      this.#tell("starting", "Press play");
    }
    this.#refresh();
  }

  #refresh(): void {
    const session = this.#session;
    const stats = session?.playback?.stats();
    const candidate = session?.candidate;
    const live = this.playing && session?.state === "playing" &&
      (stats?.latency ?? 0) < LIVE_WITHIN;
    const label = candidate === undefined ? "" : labelOf(candidate);
    if (this.#controls !== undefined) {
      this.#controls.shown = session !== undefined;
      this.#controls.refresh(label, live, session?.playback?.surface !== undefined);
    }
    if (!this.#numbers.element.hidden) {
      this.#numbers.show(label === "" ? "none" : label, stats);
    }
  }
}

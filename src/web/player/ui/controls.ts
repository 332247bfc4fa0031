import type { TrackKind } from "../playback.ts";
import { face, make, makeButton } from "./elements.ts";
import { fillsScreen, toggleFullScreen, togglePictureInPicture } from "./full_screen.ts";
import { Menu, type MenuGroup } from "./menu.ts";

/** What the controls work on. */
export interface Controlled {
  readonly host: HTMLElement;
  readonly video: HTMLVideoElement;
  playing(): boolean;
  /** Whether there is nothing to see but the controls. */
  soundOnly(): boolean;
  toggle(): void;
  goLive(): void;
  toggleNumbers(): void;
  groups(): readonly MenuGroup[];
}

/** Without a move of the pointer for so long the bar goes away, milliseconds. */
const QUIET_AFTER = 2600;

export const GROUP_TITLES: readonly (readonly [TrackKind, string])[] = [
  ["video", "Picture"],
  ["audio", "Sound"],
  ["text", "Subtitles"],
];

/** The bar at the lower edge, and the keys. */
export class Controls {
  readonly bar = make("div", "bar");
  readonly menu: Menu;
  readonly #on: Controlled;
  readonly #play: HTMLButtonElement;
  readonly #mute: HTMLButtonElement;
  readonly #volume = make("input", "volume", {
    type: "range",
    min: "0",
    max: "1",
    step: "0.05",
  });
  readonly #live = make("button", "live", {
    type: "button",
    textContent: "LIVE",
  });
  readonly #way = make("span", "way");
  readonly #pip: HTMLButtonElement;
  readonly #full: HTMLButtonElement;
  #quiet: ReturnType<typeof setTimeout> | undefined;

  constructor(on: Controlled) {
    this.#on = on;
    const { video, host } = on;
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", "Player");
    this.bar.setAttribute("part", "bar");
    this.#play = makeButton("play", "play", "Play", () => on.toggle());
    this.#live.title = "To the newest picture";
    this.#live.addEventListener("click", () => on.goLive());
    this.#mute = makeButton("mute", "mute", "Mute", () => this.toggleMute());
    this.#volume.setAttribute("aria-label", "Volume");
    this.#volume.addEventListener("input", () => {
      video.volume = Number(this.#volume.value);
      video.muted = video.volume === 0;
    });
    const settings = makeButton(
      "settings",
      "settings",
      "Settings",
      () => this.menu.toggle(),
    );
    this.menu = new Menu(settings, () => on.groups());
    const numbers = makeButton(
      "numbers",
      "numbers",
      "Statistics",
      () => on.toggleNumbers(),
    );
    this.#pip = makeButton(
      "pip",
      "pip",
      "Picture in picture",
      () => this.#pictureInPicture(),
    );
    this.#full = makeButton(
      "full",
      "full",
      "Full screen",
      () => this.#fullScreen(),
    );
    const space = make("span", "space");
    this.bar.append(
      ...[this.#play, this.#live, this.#mute, this.#volume, space, this.#way],
      ...[settings, numbers, this.#pip, this.#full],
    );
    video.addEventListener("volumechange", () => this.refresh());
    host.addEventListener("fullscreenchange", () => this.refresh());
    for (const event of ["pointermove", "pointerdown", "keydown", "focusin"]) {
      host.addEventListener(event, () => this.stir());
    }
    host.addEventListener("pointerleave", () => this.#rest(400));
    this.refresh();
  }

  /** Shows the bar, for a while. */
  stir(): void {
    this.#on.host.classList.remove("quiet");
    this.#rest(QUIET_AFTER);
  }

  #rest(after: number): void {
    clearTimeout(this.#quiet);
    this.#quiet = setTimeout(() => {
      if (this.#on.playing() && !this.#on.soundOnly() && !this.menu.open) {
        this.#on.host.classList.add("quiet");
      }
    }, after);
  }

  toggleMute(): void {
    const { video } = this.#on;
    video.muted = !video.muted;
    if (!video.muted && video.volume === 0) video.volume = 0.5;
  }

  /** Whether there is anything to operate: before the start there is but the button in the middle. */
  set shown(shown: boolean) {
    this.bar.hidden = !shown;
    if (!shown) this.menu.close();
  }

  /** `way`: what plays now; `latency`: seconds, and the badge says whether that is live; `canvas`: no element's picture. */
  refresh(way = "", live = false, canvas = false): void {
    const { video, host } = this.#on;
    const playing = this.#on.playing();
    const soundOnly = this.#on.soundOnly();
    host.classList.toggle("sound", soundOnly);
    if (soundOnly) host.classList.remove("quiet");
    face(this.#play, playing ? "pause" : "play", playing ? "Pause" : "Play");
    face(
      this.#mute,
      video.muted ? "unmute" : "mute",
      video.muted ? "Unmute" : "Mute",
    );
    this.#volume.value = String(video.muted ? 0 : video.volume);
    const full = fillsScreen(host);
    face(
      this.#full,
      full ? "unfull" : "full",
      full ? "End full screen" : "Full screen",
    );
    this.#pip.hidden = canvas || !document.pictureInPictureEnabled;
    this.#live.classList.toggle("now", live);
    this.#live.setAttribute(
      "aria-label",
      live ? "Live" : "Behind live: go to the newest picture",
    );
    this.#way.textContent = way;
  }

  /** The keys of the whole player; those of a focused control come first. */
  key(event: KeyboardEvent): void {
    if (
      event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented
    ) return;
    const [target] = event.composedPath();
    const onButton = target instanceof HTMLButtonElement ||
      target instanceof HTMLInputElement;
    const { video } = this.#on;
    const keys: Record<string, () => unknown> = {
      k: () => this.#on.toggle(),
      m: () => this.toggleMute(),
      f: () => this.#fullScreen(),
      p: () => !this.#pip.hidden && this.#pictureInPicture(),
      i: () => this.#on.toggleNumbers(),
      l: () => this.#on.goLive(),
      c: () => this.menu.toggle(),
      ...(onButton ? {} : {
        " ": () => this.#on.toggle(),
        ArrowUp: () => video.volume = Math.min(1, video.volume + 0.1),
        ArrowDown: () => video.volume = Math.max(0, video.volume - 0.1),
      }),
    };
    const run = keys[event.key];
    if (run === undefined) return;
    run();
    event.preventDefault();
    event.stopPropagation();
  }

  #fullScreen(): void {
    toggleFullScreen(this.#on.host, this.#on.video).catch((error) =>
      console.info("fogcast: no full screen", error)
    );
  }

  #pictureInPicture(): void {
    togglePictureInPicture(this.#on.video).catch((error) =>
      console.info("fogcast: no picture in picture", error)
    );
  }
}

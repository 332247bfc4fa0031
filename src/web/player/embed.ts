import { baseOf } from "./base_url.ts";
import type { FogcastPlayer } from "./element.ts";

/** Options of the reference's one-liner `mistPlay(stream, options)`; what it does not know is left alone. */
export interface EmbedOptions {
  /** Where the player goes: an element, or its id. */
  readonly target?: HTMLElement | string;
  /** The server, when the script comes from elsewhere. */
  readonly host?: string;
  readonly autoplay?: boolean;
  readonly muted?: boolean;
  /** `false`: no bar. */
  readonly controls?: boolean | string;
  readonly poster?: string;
  readonly width?: number | false;
  readonly height?: number | false;
  readonly maxwidth?: number | false;
  readonly maxheight?: number | false;
  /** Fills the target. */
  readonly fillSpace?: boolean;
  readonly forcePlayer?: string | false;
  readonly forceType?: string | false;
  readonly startTime?: number | false;
  readonly setTracks?: Readonly<Record<string, string | number>>;
  readonly latency?: number;
  readonly skin?: unknown;
  readonly callback?: (player: FogcastPlayer) => void;
  /** Gets the player as its `player`. */
  readonly MistVideoObject?: { player?: FogcastPlayer };
}

/** Puts a player into a page. */
export function fogcastPlay(
  stream: string,
  options: EmbedOptions = {},
): FogcastPlayer {
  const target = typeof options.target === "string"
    ? document.getElementById(options.target)
    : options.target;
  if (!target) throw new Error("fogcastPlay: no target to put the player into");
  const player = document.createElement("fogcast-player") as FogcastPlayer;
  const set = (name: string, value: unknown): void => {
    if (value !== undefined && value !== false && value !== null) {
      player.setAttribute(name, value === true ? "" : String(value));
    }
  };
  set("stream", stream);
  set(
    "host",
    options.host === undefined ? undefined : baseOf(`${options.host.replace(/\/$/, "")}/`),
  );
  set("autoplay", options.autoplay ?? true);
  set("muted", options.muted);
  set("controls", options.controls === false ? "none" : undefined);
  set("poster", options.poster);
  set("force-player", options.forcePlayer);
  set("force-type", options.forceType);
  set("latency", options.latency);
  set("t", options.startTime);
  for (const [kind, selector] of Object.entries(options.setTracks ?? {})) {
    set(kind, selector);
  }
  if (options.skin === "dev") set("dev", true);
  const pixels = (value: number | false | undefined) => value ? `${value}px` : "";
  Object.assign(player.style, {
    width: options.fillSpace === true ? "100%" : pixels(options.width),
    height: options.fillSpace === true ? "100%" : pixels(options.height),
    maxWidth: pixels(options.maxwidth),
    maxHeight: pixels(options.maxheight),
    ...(options.fillSpace === true || options.height ? { aspectRatio: "auto" } : {}),
  });
  target.replaceChildren(player);
  if (options.MistVideoObject !== undefined) {
    options.MistVideoObject.player = player;
  }
  options.callback?.(player);
  return player;
}

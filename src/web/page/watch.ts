import { readTime } from "./read_time.ts";
import type { FogcastPlayer } from "../player/element.ts";

/**
 * `/NAME.html`: one stream fills the page. Query: `autoplay` (on unless `0` or `false`), `muted`, `dev` (statistics),
 * `forceType`, `forcePlayer`, `t` (where to begin: `1h2m3s` or seconds), `latency`, `controls=0`, and track selectors
 * `video`, `audio`, `subtitle`.
 */
export function showStream(): void {
  const name = streamOf(location.pathname);
  const query = new URLSearchParams(location.search);
  document.title = `${name} – fogcast`;
  const player = document.createElement("fogcast-player") as FogcastPlayer;
  for (const [attribute, value] of attributesOf(name, query)) {
    player.setAttribute(attribute, value);
  }
  document.getElementById("watch")?.append(player);
  player.focus();
}

/** The name in `/some/prefix/NAME.html`. */
function streamOf(path: string): string {
  return decodeURIComponent(
    path.slice(path.lastIndexOf("/") + 1).replace(/\.html$/, ""),
  );
}

function attributesOf(
  name: string,
  query: URLSearchParams,
): Map<string, string> {
  const found = new Map([["stream", name]]);
  const on = (key: string, usual: boolean) => {
    const value = query.get(key);
    return value === null ? usual : !/^(0|false|no|off)$/i.test(value);
  };
  if (on("autoplay", true)) found.set("autoplay", "");
  for (const key of ["muted", "dev"]) if (on(key, false)) found.set(key, "");
  if (!on("controls", true)) found.set("controls", "none");
  for (
    const [key, attribute] of [["forceType", "force-type"], [
      "forcePlayer",
      "force-player",
    ]] as const
  ) {
    const value = query.get(key);
    if (value) found.set(attribute, value);
  }
  for (const key of ["latency", "video", "audio", "subtitle"]) {
    const value = query.get(key);
    if (value) found.set(key, value);
  }
  const start = readTime(query.get("t") ?? "");
  if (start !== undefined) found.set("t", String(start));
  return found;
}

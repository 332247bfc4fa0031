import type { PlayOptions } from "../playback.ts";

/** The address of a source with the tracks that the page asks for. */
export function addressOf(url: string, tracks: PlayOptions["tracks"]): string {
  const address = new URL(url);
  for (const [kind, selector] of Object.entries(tracks)) {
    if (selector) {
      address.searchParams.set(kind === "text" ? "subtitle" : kind, selector);
    }
  }
  return address.href;
}

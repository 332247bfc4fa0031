import type { Wishes } from "./choose.ts";
import type { StreamInfo } from "./stream_info.ts";

/** Why the stream cannot be had now; undefined when it can. */
export function whyAway(info: StreamInfo): string | undefined {
  const { error_guru: why } = info;
  const said = info.on_error ?? info.error;
  if (said === undefined || said === "") return undefined;
  const reason = why === undefined || why === "" ? said : `${said.replace(/\.$/, "")}: ${why}`;
  return info.perc === undefined ? reason : `${reason} (${Math.round(info.perc)} %)`;
}

/** Why there is no way to play it. `ways`: names of those that there are where the page asks for none by name. */
export function whyNothing(
  info: StreamInfo | undefined,
  asked: Wishes = {},
  ways: readonly string[] = [],
): string {
  const wish = [asked.forcePlayer, asked.forceType].filter((w) => w !== undefined).join(" with ");
  if (ways.length > 0) return `Cannot be played by ${wish}, but by ${[...new Set(ways)].join(", ")}`;
  const codecs = [...new Set(Object.values(info?.meta?.tracks ?? {}).map((t) => t.codec))].join(" and ");
  return codecs === "" ? "The stream has nothing to play" : `This browser plays none of ${codecs}`;
}

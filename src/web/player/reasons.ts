import type { StreamInfo } from "./stream_info.ts";

/** Why the stream cannot be had now; undefined when it can. */
export function whyAway(info: StreamInfo): string | undefined {
  const { error_guru: why } = info;
  const said = info.on_error ?? info.error;
  if (said === undefined || said === "") return undefined;
  const reason = why === undefined || why === "" ? said : `${said.replace(/\.$/, "")}: ${why}`;
  return info.perc === undefined ? reason : `${reason} (${Math.round(info.perc)} %)`;
}

export function whyNothing(info: StreamInfo | undefined): string {
  const codecs = Object.values(info?.meta?.tracks ?? {}).map((t) => t.codec)
    .join(" and ");
  return codecs === "" ? "The stream has nothing to play" : `This browser plays none of ${codecs}`;
}

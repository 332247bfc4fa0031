import type { Clock } from "../../base/clock.ts";
import { readTextFile, watchFile } from "../../host/files.ts";
import { SDP_SIZE_MAX } from "../../wire/protocol/sdp/sdp.ts";
import { openHttpBody } from "../http_body.ts";
import { Refused } from "../source.ts";
import type { SdpAddress } from "./address.ts";

/** How often a description on a server is looked at for changes, milliseconds. */
export const POLL_MILLIS = 30_000;

/** Reads a description. Throws where it cannot be read or is too long. */
export async function readDescription(
  address: SdpAddress,
  tlsVerify: boolean,
  clock: Clock,
): Promise<string> {
  if (address.kind === "file") {
    try {
      return await readTextFile(address.path, SDP_SIZE_MAX);
    } catch (e) {
      const why = e instanceof Error ? e.message : String(e);
      throw new Error(why.includes(address.path) ? why : `cannot read ${address.path}: ${why}`);
    }
  }
  const abort = new AbortController();
  try {
    const { body } = await openHttpBody(address.url, tlsVerify, abort, clock);
    const decoder = new TextDecoder();
    let text = "";
    for await (const piece of body) {
      text += decoder.decode(piece, { stream: true });
      if (text.length > SDP_SIZE_MAX) {
        throw new Refused(`${new URL(address.url).host} gives more than ${SDP_SIZE_MAX} characters`);
      }
    }
    return text;
  } finally {
    abort.abort();
  }
}

/** Calls `changed` once when the description is not `text` any more. The answer stops it. */
export function watchDescription(
  address: SdpAddress,
  text: string,
  tlsVerify: boolean,
  clock: Clock,
  changed: () => void,
): () => void {
  let stopped = false;
  let stop = () => {};
  const look = async () => {
    try {
      const now = await readDescription(address, tlsVerify, clock);
      if (stopped || now === text) return;
      stopped = true;
      changed();
    } catch (e) {
      // one that cannot be read at the moment goes on being used
      if (!(e instanceof Error)) throw e;
    }
  };
  if (address.kind === "file") {
    try {
      stop = watchFile(address.path, () => void look(), () => stop());
    } catch (e) {
      // its folder cannot be watched: it is read again when nothing comes any more
      if (!(e instanceof Error)) throw e;
    }
  } else {
    const again = () => {
      stop = clock.after(POLL_MILLIS, () => void look().then(() => stopped || again()));
    };
    again();
  }
  return () => {
    stopped = true;
    stop();
  };
}

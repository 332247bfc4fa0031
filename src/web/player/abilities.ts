import type { Abilities } from "./choose.ts";
import { codecString, isHevc } from "./codec_strings.ts";
import { type StreamInfo, tracksOf } from "./stream_info.ts";

/** `ManagedMediaSource` is what iPhones have instead. */
export const MediaSourceHere: typeof MediaSource | undefined = globalThis.MediaSource ??
  (globalThis as { ManagedMediaSource?: typeof MediaSource })
    .ManagedMediaSource;

interface Connection {
  readonly saveData?: boolean;
  readonly effectiveType?: string;
}

/** Codecs that WebCodecs was found to decode. */
const decodable = new Set<string>();

/** Asks WebCodecs about the pictures that only it may be able to show; answers whether anything new is known. */
export async function askWebCodecs(info: StreamInfo): Promise<void> {
  if (!("VideoDecoder" in globalThis)) return;
  for (const track of tracksOf(info)) {
    const codec = codecString(track);
    if (!isHevc(track) || decodable.has(codec)) continue;
    try {
      const { supported } = await VideoDecoder.isConfigSupported({
        codec,
        optimizeForLatency: true,
      });
      if (supported === true) decodable.add(codec);
    } catch (error) {
      console.debug("fogcast: WebCodecs does not know", codec, error);
    }
  }
}

/** What this browser can do. */
export function browserAbilities(): Abilities {
  const probe = document.createElement("video");
  const { connection } = navigator as { connection?: Connection };
  return {
    mse: (mime) => MediaSourceHere?.isTypeSupported(mime) ?? false,
    element: (mime) => probe.canPlayType(mime) !== "",
    webCodecs: (codec) => decodable.has(codec),
    software: "WebAssembly" in globalThis && "Worker" in globalThis &&
      "OffscreenCanvas" in globalThis,
    webSocket: "WebSocket" in globalThis,
    webRtc: "RTCPeerConnection" in globalThis,
    thrifty: connection?.saveData === true ||
      /(^|-)2g|3g/.test(connection?.effectiveType ?? ""),
  };
}

import { ByteReader } from "../base/bytes.ts";
import type { Track } from "../media/track.ts";

/** Length of JSON text · JSON of everything but the configuration · the configuration. */
export function encodeTrack(track: Track): Uint8Array<ArrayBuffer> {
  const { config, ...rest } = track;
  const text = new TextEncoder().encode(JSON.stringify(rest));
  const out = new Uint8Array(4 + text.length + config.length);
  new DataView(out.buffer).setUint32(0, text.length);
  out.set(text, 4);
  out.set(config, 4 + text.length);
  return out;
}

/** Reads what {@link encodeTrack} wrote. */
export function decodeTrack(bytes: Uint8Array): Track {
  const reader = new ByteReader(bytes);
  const rest = JSON.parse(new TextDecoder().decode(reader.bytes(reader.u32()))) as Omit<Track, "config">;
  return { ...rest, config: reader.bytes(reader.left).slice() } as Track;
}

import type { FrameRecord } from "../../../buffer/track_view.ts";
import type { Track } from "../../../media/track.ts";
import type { Message, Packager, SocketFormat } from "./packager.ts";

const TEXT = new TextDecoder("utf-8", { fatal: true });

/** One document a message: `{"data":…,"time":…,"track":…}`, time in milliseconds. */
class JsonPackager implements Packager {
  readonly codecs: readonly string[];
  readonly header = undefined;
  readonly #tracks: readonly Track[];
  readonly #held: string[] = [];

  constructor(tracks: readonly Track[]) {
    this.#tracks = tracks;
    this.codecs = tracks.map((t) => t.codecString || t.codec);
  }

  add(n: number, { data, dts }: FrameRecord): void {
    const track = this.#tracks[n];
    if (track === undefined || data.length === 0) return;
    const time = Math.round((dts / track.timescale) * 1000);
    this.#held.push(`{"data":${printData(track, data)},"time":${time},"track":${track.id}}`);
  }

  end(put: (message: Message) => void): void {
    for (const text of this.#held) put(text);
    this.drop();
  }

  drop(): void {
    this.#held.length = 0;
  }
}

/** JSON as it is, other text as a string, bytes that are no text in base64. */
function printData({ codec }: Track, data: Uint8Array): string {
  const bytes = new Uint8Array(data);
  const text = decodeText(bytes);
  if (text === undefined) return JSON.stringify(base64(bytes));
  return codec === "json" && isJson(text) ? text : JSON.stringify(text);
}

function base64(bytes: Uint8Array): string {
  let binary = "";
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}

function decodeText(bytes: Uint8Array): string | undefined {
  try {
    return TEXT.decode(bytes);
  } catch (e) {
    if (e instanceof TypeError) return undefined;
    throw e;
  }
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (e) {
    if (e instanceof SyntaxError) return false;
    throw e;
  }
}

/** Data tracks, document by document. */
export const JSON_SOCKET: SocketFormat = {
  name: "json",
  protocol: "JSON/WS",
  kinds: ["subtitle", "meta"],
  several: true,
  eager: true,
  carries: (track) => track.kind === "data",
  open: (tracks) => new JsonPackager(tracks),
};

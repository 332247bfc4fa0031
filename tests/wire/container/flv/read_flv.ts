import { ByteReader } from "../../../../src/base/bytes.ts";

export interface FlvTag {
  readonly type: number;
  readonly millis: number;
  readonly body: Uint8Array;
}

/** Reads an FLV file; throws where it is not as Adobe FLV 10.1, E.2 to E.4.1, has it. */
export function readFlv(file: Uint8Array): { flags: number; tags: FlvTag[] } {
  const r = new ByteReader(file);
  if (r.latin1(3) !== "FLV" || r.u8() !== 1) throw new Error("No FLV");
  const flags = r.u8();
  if (r.u32() !== 9 || r.u32() !== 0) throw new Error("Header of another length");
  const tags: FlvTag[] = [];
  while (r.left > 0) {
    const type = r.u8();
    const size = r.u24();
    const low = r.u24();
    const millis = r.u8() * 2 ** 24 + low;
    if (r.u24() !== 0) throw new Error("Stream number");
    const body = r.bytes(size);
    if (r.u32() !== size + 11) throw new Error(`Wrong size behind the tag at ${r.at - size - 15}`);
    tags.push({ type, millis, body });
  }
  return { flags, tags };
}

export interface FlvMedia {
  readonly audio: boolean;
  readonly codec: string | number;
  readonly millis: number;
  readonly offset: number;
  readonly key: boolean;
  /** A configuration, no frame. */
  readonly header: boolean;
  readonly data: Uint8Array;
}

/** What the media tags of a file hold: E.4.2, E.4.3, and Enhanced RTMP v2. */
export function readFlvMedia(file: Uint8Array): FlvMedia[] {
  return readFlv(file).tags.filter((t) => t.type !== 18).map(({ type, millis, body }) => {
    const r = new ByteReader(body);
    const first = r.u8();
    const make = (codec: string | number, key: boolean, header: boolean, offset: number): FlvMedia => ({
      ...{ audio: type === 8, codec, millis, offset, key, header },
      data: r.bytes(r.left),
    });
    const time = () => (r.u24() << 8) >> 8;
    if (type === 9 && first & 0x80) {
      const packet = first & 15;
      const codec = r.latin1(4);
      const offset = packet === 1 && codec === "hvc1" ? time() : 0;
      return make(codec, (first & 0x70) === 0x10, packet === 0, offset);
    }
    if (type === 9) {
      const packet = r.u8();
      return make(first & 15, first >> 4 === 1, packet === 0, time());
    }
    const format = first >> 4;
    if (format === 9) return make(r.latin1(4), true, (first & 15) === 0, 0);
    return make(format, true, format === 10 && r.u8() === 0, 0);
  });
}

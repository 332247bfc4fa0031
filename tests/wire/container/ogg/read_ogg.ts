import { ByteReader, joinBytes } from "../../../../src/base/bytes.ts";

export interface OggPage {
  readonly flags: number;
  readonly granule: bigint;
  readonly serial: number;
  readonly sequence: number;
  readonly packets: readonly Uint8Array[];
  /** The last packet goes on. */
  readonly open: boolean;
}

/** RFC 3533, 6, bit by bit. */
export function slowOggCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let i = 0; i < 8; i++) crc = crc < 0 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

/** Reads pages; throws where one is damaged or a stream's pages are not in order. */
export function readOggPages(file: Uint8Array): OggPage[] {
  const r = new ByteReader(file);
  const pages: OggPage[] = [];
  const next = new Map<number, number>();
  while (r.left > 0) {
    const at = r.at;
    if (r.latin1(4) !== "OggS" || r.u8() !== 0) throw new Error(`No page at ${at}`);
    const view = new DataView(file.buffer, file.byteOffset + at);
    const flags = r.u8();
    const lacings = (r.skip(20), r.bytes(r.u8()));
    const packets: Uint8Array[] = [];
    let size = 0;
    for (const lacing of lacings) {
      size += lacing;
      if (lacing === 255) continue;
      packets.push(r.bytes(size));
      size = 0;
    }
    const open = lacings.at(-1) === 255;
    if (open) packets.push(r.bytes(size));
    const page = file.slice(at, r.at);
    page.fill(0, 22, 26);
    if (slowOggCrc(page) !== view.getUint32(22, true)) throw new Error(`Check value of the page at ${at}`);
    const serial = view.getUint32(14, true);
    const sequence = view.getUint32(18, true);
    if (sequence !== (next.get(serial) ?? 0)) throw new Error(`Page ${sequence} of ${serial} out of order`);
    next.set(serial, sequence + 1);
    pages.push({ flags, granule: view.getBigInt64(6, true), serial, sequence, packets, open });
  }
  return pages;
}

/** Packets of one stream with the granule position of the page that each ends on. */
export function readOggPackets(file: Uint8Array, serial: number): { data: Uint8Array; granule: bigint }[] {
  const packets: { data: Uint8Array; granule: bigint }[] = [];
  let held: Uint8Array | undefined;
  for (const page of readOggPages(file).filter((p) => p.serial === serial)) {
    if ((page.flags & 1) === 1 !== (held !== undefined)) {
      throw new Error(`Page ${page.sequence} goes on wrongly`);
    }
    page.packets.forEach((packet, i) => {
      const data = i === 0 && held !== undefined ? joinBytes([held, packet]) : packet;
      held = undefined;
      if (page.open && i === page.packets.length - 1) held = data;
      else packets.push({ data, granule: page.granule });
    });
  }
  return packets;
}

/** Serial numbers in the order of their first pages. */
export function serialsOf(file: Uint8Array): number[] {
  return readOggPages(file).filter((p) => p.flags & 2).map((p) => p.serial);
}

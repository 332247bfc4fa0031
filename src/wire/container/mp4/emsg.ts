/** Scheme of ID3v2 tags: "Carriage of ID3 Timed Metadata in CMAF" (AOM, 1.0), 2.2.3. */
export const ID3_EVENTS = "https://aomedia.org/emsg/ID3";

/** Ticks of an event that does not say how long it lasts. */
export const EVENT_OPEN = 0xffffffff;

/** Something that happens at a time of the media. */
export interface EventMessage {
  /** Which series of events it belongs to: {@link encodeEventSeries}. */
  readonly series: Uint8Array;
  /** Ticks a second; in CMAF those of the track that it goes along with. */
  readonly timescale: number;
  /** When it happens on the timeline of the media, in ticks: a safe integer, 0 or more. */
  readonly time: number;
  /** Ticks, or {@link EVENT_OPEN}. */
  readonly duration: number;
  /** The same for the same event, wherever it comes from; the low 32 bits count. */
  readonly id: number;
  /** May be a view on shared memory: its bytes are copied once. */
  readonly data: Uint8Array;
}

/** Full box header, timescale, time of 64 bits, duration and id. */
const FIXED = 12 + 4 + 8 + 4 + 4;

/** Scheme and value as they stand in each box of a series, each ended by a zero. */
export function encodeEventSeries(scheme: string, value: string): Uint8Array {
  return new TextEncoder().encode(`${scheme}\0${value}\0`);
}

/** Bytes of an event's box. */
export function emsgSize({ series, data }: EventMessage): number {
  return FIXED + series.length + data.length;
}

/** ISO/IEC 23009-1, 5.10.3.3 (DASHEventMessageBox, version 1): writes {@link emsgSize} bytes at `at`; answers where it ends. */
export function writeEmsg(out: Uint8Array, view: DataView, at: number, event: EventMessage): number {
  const { series, data } = event;
  view.setUint32(at, emsgSize(event));
  view.setUint32(at + 4, 0x656d7367); // emsg
  view.setUint32(at + 8, 1 << 24);
  view.setUint32(at + 12, event.timescale);
  view.setUint32(at + 16, Math.floor(event.time / 2 ** 32));
  view.setUint32(at + 20, event.time);
  view.setUint32(at + 24, event.duration);
  view.setUint32(at + 28, event.id);
  out.set(series, at + FIXED);
  out.set(data, at + FIXED + series.length);
  return at + FIXED + series.length + data.length;
}

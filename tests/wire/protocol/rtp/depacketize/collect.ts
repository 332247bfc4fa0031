import type {
  Depacketizer,
  UnitSink,
} from "../../../../../src/wire/protocol/rtp/depacketize/depacketizer.ts";
import type { RtpFormat } from "../../../../../src/wire/protocol/rtp/format.ts";

export interface CollectedUnit {
  readonly units: Uint8Array[];
  readonly timestamp: number;
  readonly offset: number;
}

/** A sink that keeps everything. */
export class Collect implements UnitSink {
  readonly out: CollectedUnit[] = [];
  readonly configs: Uint8Array[] = [];
  readonly damages: string[] = [];
  readonly skips: string[] = [];

  unit(units: readonly Uint8Array[], timestamp: number, offset: number): void {
    this.out.push({ units: units.map((u) => u.slice()), timestamp, offset });
  }

  config(config: Uint8Array): void {
    this.configs.push(config.slice());
  }

  damaged(why: string): void {
    this.damages.push(why);
  }

  skipped(why: string): void {
    this.skips.push(why);
  }

  /** Units as plain arrays, one list an access unit. */
  get plain(): number[][][] {
    return this.out.map((o) => o.units.map((u) => [...u]));
  }
}

/** A packet of a test: payload, timestamp, `m` marker, `gap` packets lost before it. */
export interface Sent {
  readonly p: ArrayLike<number>;
  readonly t?: number;
  readonly m?: boolean;
  readonly gap?: boolean;
}

/** Feeds packets with rising numbers; the payloads lie at an odd offset of a larger buffer, and are overwritten after. */
export function feed(to: Depacketizer, packets: readonly Sent[]): void {
  let sequence = 65_530;
  for (const { p, t = 0, m = false, gap = false } of packets) {
    const buffer = new Uint8Array(p.length + 3).fill(0xee);
    buffer.set(p, 1);
    const payload = buffer.subarray(1, 1 + p.length);
    to.packet(
      { payloadType: 96, marker: m, sequence: sequence++ & 0xffff, timestamp: t, ssrc: 1, payload },
      gap,
    );
    buffer.fill(0xdd);
  }
}

export function format(
  encoding: string,
  clockRate: number,
  fmtp: Record<string, string> = {},
  channels = 1,
): RtpFormat {
  return { payloadType: 96, encoding, clockRate, channels, fmtp: new Map(Object.entries(fmtp)) };
}

/** Bytes counted up from `first`. */
export function run(first: number, length: number): number[] {
  return Array.from({ length }, (_, i) => (first + i) & 0xff);
}

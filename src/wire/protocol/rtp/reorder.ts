// Puts packets back into the order of their sequence numbers. RFC 3550, A.1 has the idea of the two answers to a jump.
import { emptyRtpPacket, type RtpPacket } from "./packet.ts";
import { sequenceDistance } from "./sequence.ts";

/** Packets held at most while a missing one is awaited. */
export const REORDER_PACKETS = 256;
/** The same on a transport that keeps the order: some relays put UDP that was out of order into TCP. */
export const REORDER_PACKETS_ORDERED = 4;
/** A step of more than this is a new beginning of the sender, not loss. RFC 3550, A.1: MAX_DROPOUT. */
export const SEQUENCE_JUMP = 1000;

const EMPTY = new Uint8Array(0);

/** Where the packets of a window go. */
export interface ReorderOutput {
  /**
   * The next packet in order, valid during the call. `lost` packets before it never came; −1 when the sender began to
   * count anew, so that nothing is known of what lies between.
   */
  packet(packet: RtpPacket, lost: number, arrival: number): void;
  duplicated(): void;
  /** A packet came so late that its place was given up, or alone from far outside the window. */
  late(sequence: number, expected: number): void;
}

interface Slot {
  held: boolean;
  arrival: number;
  readonly packet: RtpPacket;
  bytes: Uint8Array;
}

/**
 * A window that is free while packets come in order: they pass through without a copy. Behind a gap packets are
 * copied and held until the missing ones come, `packets` are held, or the oldest was held for `millis`.
 */
export class ReorderWindow {
  readonly #out: ReorderOutput;
  #packets = 0;
  #millis = 0;
  #slots: Slot[] = [];
  #mask = 0;
  /** A packet from far outside; the next one tells whether the sender jumped. */
  readonly #stray: Slot = makeSlot();
  #next = -1;
  #held = 0;
  /** Arrival of the first packet behind the gap at `#gapAt`. */
  #gapSince = 0;
  #gapAt = -1;
  #highest = 0;
  /** Packets that came behind one with a higher number, and were still of use. */
  reordered = 0;
  /** Bit per recent sequence number that was delivered, to tell duplicates from late ones. */
  readonly #seen = new Uint8Array(65_536 / 8);

  constructor(out: ReorderOutput, packets: number, millis: number) {
    this.#out = out;
    this.resize(packets, millis);
  }

  /** Other limits from now on. What is held stays held. */
  resize(packets: number, millis: number): void {
    this.#packets = packets;
    this.#millis = millis;
    const before = this.#slots;
    let size = Math.max(1, before.length);
    while (size <= packets) size *= 2;
    this.#mask = size - 1;
    this.#slots = Array.from({ length: size }, makeSlot);
    for (const slot of before) if (slot.held) this.#slots[slot.packet.sequence & this.#mask] = slot;
  }

  /** Packets held back at the moment. */
  get held(): number {
    return this.#held;
  }

  /** Takes one packet at `now` milliseconds; its payload is copied if it has to wait. */
  push(packet: RtpPacket, now: number): void {
    const sequence = packet.sequence;
    if (this.#next < 0) return this.#restart(packet, 0, now);
    const ahead = sequenceDistance(this.#next, sequence);
    if (ahead === 0) {
      this.#stray.held = false;
      this.#count(sequence);
      this.#deliver(packet, 0, now);
      if (this.#held > 0) this.#drain(now);
      return;
    }
    if (ahead > SEQUENCE_JUMP || ahead < -SEQUENCE_JUMP) return this.#far(packet, now);
    this.#stray.held = false;
    if (ahead < 0) {
      if (this.#wasSeen(sequence)) this.#out.duplicated();
      else this.#out.late(sequence, this.#next);
      return;
    }
    const slot = this.#slots[sequence & this.#mask] as Slot;
    if (slot.held && slot.packet.sequence === sequence) return this.#out.duplicated();
    this.#count(sequence);
    // What cannot be held together with the packet gives up its place.
    while (this.#held > 0 && sequenceDistance(this.#next, sequence) > this.#mask) this.#skipGap();
    if (this.#packets === 0 || sequenceDistance(this.#next, sequence) > this.#mask) {
      return this.#deliver(packet, sequenceDistance(this.#next, sequence), now);
    }
    if (sequence === this.#next) {
      this.#deliver(packet, 0, now);
      return this.#drain(now);
    }
    hold(slot, packet, now);
    this.#held++;
    this.#drain(now);
  }

  /** Gives up the wait for what is overdue at `now`. To be called now and then while no packet comes. */
  tick(now: number): void {
    if (this.#held > 0) this.#drain(now);
  }

  /** Delivers everything held, in order. */
  flush(): void {
    while (this.#held > 0) this.#skipGap();
  }

  /** Forgets the order: the next packet is the first again. What is held is delivered before. */
  reset(): void {
    this.flush();
    this.#next = -1;
    this.#stray.held = false;
    this.#seen.fill(0);
  }

  #far(packet: RtpPacket, now: number): void {
    const stray = this.#stray;
    if (!stray.held || sequenceDistance(stray.packet.sequence, packet.sequence) !== 1) {
      if (stray.held) {
        if (stray.packet.sequence === packet.sequence) return this.#out.duplicated();
        this.#out.late(stray.packet.sequence, this.#next);
      }
      return hold(stray, packet, now);
    }
    stray.held = false;
    this.flush();
    this.#seen.fill(0);
    this.#restart(stray.packet, -1, stray.arrival);
    this.#deliver(packet, 0, now);
  }

  #restart(packet: RtpPacket, lost: number, now: number): void {
    this.#next = packet.sequence;
    this.#highest = packet.sequence;
    this.#deliver(packet, lost, now);
  }

  #count(sequence: number): void {
    if (sequenceDistance(this.#highest, sequence) > 0) this.#highest = sequence;
    else this.reordered++;
  }

  #deliver(packet: RtpPacket, lost: number, now: number): void {
    const sequence = packet.sequence;
    this.#next = (sequence + 1) & 0xffff;
    this.#mark(sequence);
    this.#out.packet(packet, lost, now);
  }

  /** Delivers what is next, what is overdue and what is too much. */
  #drain(now: number): void {
    while (this.#held > 0) {
      const slot = this.#slots[this.#next & this.#mask] as Slot;
      if (slot.held) this.#release(slot, 0);
      else if (this.#held > this.#packets || this.#waited(now) >= this.#millis) this.#skipGap();
      else return;
    }
    this.#gapAt = -1;
  }

  /** How long the packets behind the gap have waited. */
  #waited(now: number): number {
    if (this.#gapAt !== this.#next) {
      let oldest = Infinity;
      for (const slot of this.#slots) if (slot.held && slot.arrival < oldest) oldest = slot.arrival;
      this.#gapSince = oldest;
      this.#gapAt = this.#next;
    }
    return now - this.#gapSince;
  }

  #skipGap(): void {
    let lost = 0;
    let slot = this.#slots[this.#next & this.#mask] as Slot;
    while (!slot.held) {
      lost++;
      slot = this.#slots[(this.#next + lost) & this.#mask] as Slot;
    }
    this.#release(slot, lost);
  }

  #release(slot: Slot, lost: number): void {
    slot.held = false;
    this.#held--;
    this.#deliver(slot.packet, lost, slot.arrival);
  }

  #mark(sequence: number): void {
    this.#seen[sequence >> 3] = (this.#seen[sequence >> 3] as number) | (1 << (sequence & 7));
    // The far half of the circle is forgotten, eight numbers at a time.
    this.#seen[((sequence + 32_768) & 0xffff) >> 3] = 0;
  }

  #wasSeen(sequence: number): boolean {
    return ((this.#seen[sequence >> 3] as number) & (1 << (sequence & 7))) !== 0;
  }
}

function makeSlot(): Slot {
  return { held: false, arrival: 0, packet: emptyRtpPacket(), bytes: EMPTY };
}

function hold(slot: Slot, packet: RtpPacket, arrival: number): void {
  const length = packet.payload.length;
  if (slot.bytes.length < length) slot.bytes = new Uint8Array(length < 1500 ? 1500 : length);
  slot.bytes.set(packet.payload);
  const copy = slot.packet;
  copy.payloadType = packet.payloadType;
  copy.marker = packet.marker;
  copy.sequence = packet.sequence;
  copy.timestamp = packet.timestamp;
  copy.ssrc = packet.ssrc;
  copy.payload = slot.bytes.subarray(0, length);
  slot.held = true;
  slot.arrival = arrival;
}

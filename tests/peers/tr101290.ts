// ETSI TR 101 290, 5.2.1 and 5.2.2: first and second priority of what is to be checked in a transport stream. Written
// from the document alone: nothing of src/ is used, so that a fault there cannot hide itself.

/** Names as in the document; Unreferenced_PID and the like are third priority. */
export type Tr101290Error =
  | "1.1 TS_sync_loss"
  | "1.2 Sync_byte_error"
  | "1.3 PAT_error"
  | "1.4 Continuity_count_error"
  | "1.5 PMT_error"
  | "1.6 PID_error"
  | "2.1 Transport_error"
  | "2.2 CRC_error"
  | "2.3a PCR_repetition_error"
  | "2.3b PCR_discontinuity_indicator_error"
  | "2.4 PCR_accuracy_error"
  | "2.5 PTS_error"
  | "2.6 CAT_error";

export interface Tr101290Report {
  readonly errors: ReadonlyMap<Tr101290Error, number>;
  /** The first of each kind, with the packet's number. */
  readonly first: ReadonlyMap<Tr101290Error, string>;
  readonly packets: number;
  /** Longest time between clock references of a PID, ms. */
  readonly pcrInterval: number;
  /** Largest distance of a clock reference from its byte's place, ns; NaN where the rate is not constant. */
  readonly pcrAccuracy: number;
}

export interface Tr101290Limits {
  /** ms; DVB demands 40, ISO/IEC 13818-1 100. */
  readonly pcrMillis?: number;
  /** ms between sections of PAT and of each PMT. */
  readonly tablesMillis?: number;
  /** ms between presentation times of a stream. */
  readonly ptsMillis?: number;
  /** ms without a packet of a stream in the PMT. */
  readonly pidMillis?: number;
  /** The stream has a constant rate: clock references are compared with their place, to this many ns (500). */
  readonly accuracyNanos?: number;
}

interface Pid {
  counter: number;
  repeated: boolean;
  last: string;
  pcr: number;
  pcrPacket: number;
  pts: number;
  seenAt: number;
  table: number[];
  tableAt: number;
}

const WRAP = 2 ** 33 * 300;

/** Checks a whole stream of 188-byte packets. Time is the clock of the first PCR PID, between references by place. */
export function checkTr101290(stream: Uint8Array, limits: Tr101290Limits = {}): Tr101290Report {
  const { pcrMillis = 40, tablesMillis = 500, ptsMillis = 700, pidMillis = 5000, accuracyNanos } = limits;
  const errors = new Map<Tr101290Error, number>();
  const first = new Map<Tr101290Error, string>();
  const count = Math.floor(stream.length / 188);
  const pids = new Map<number, Pid>();
  const pmtPids = new Set<number>();
  const referenced = new Set<number>();
  const references: { packet: number; pcr: number }[] = [];
  let pcrInterval = 0;
  let missed = 0;
  let scrambledWithoutCat = false;
  let catSeen = false;
  let clockPid = -1;
  const times = packetTimes(stream, count);

  const fail = (name: Tr101290Error, packet: number, why: string) => {
    errors.set(name, (errors.get(name) ?? 0) + 1);
    if (!first.has(name)) first.set(name, `packet ${packet}: ${why}`);
  };
  const state = (pid: number): Pid => {
    let s = pids.get(pid);
    if (s === undefined) {
      s = {
        counter: -1,
        repeated: false,
        last: "",
        pcr: -1,
        pcrPacket: 0,
        pts: NaN,
        seenAt: 0,
        table: [],
        tableAt: NaN,
      };
      pids.set(pid, s);
    }
    return s;
  };

  for (let n = 0; n < count; n++) {
    const p = stream.subarray(n * 188, n * 188 + 188);
    const now = times(n);
    if (p[0] !== 0x47) {
      fail("1.2 Sync_byte_error", n, `0x${p[0]?.toString(16)}`);
      if (++missed === 2) fail("1.1 TS_sync_loss", n, "two packets in a row");
      continue;
    }
    missed = 0;
    const b1 = p[1] as number;
    const b3 = p[3] as number;
    if ((b1 & 0x80) !== 0) {
      fail("2.1 Transport_error", n, "");
      continue;
    }
    const pid = ((b1 & 0x1f) << 8) | (p[2] as number);
    if (pid === 0x1fff) continue;
    const start = (b1 & 0x40) !== 0;
    const control = (b3 >> 4) & 3;
    const counter = b3 & 15;
    const fieldLength = control & 2 ? p[4] as number : -1;
    const flags = fieldLength > 0 ? p[5] as number : 0;
    const s = state(pid);
    s.seenAt = now;

    // 1.4: order, lost packets, packets sent more than twice.
    const text = p.join();
    if (s.counter >= 0 && (flags & 0x80) === 0) {
      const expected = control & 1 ? (s.counter + 1) & 15 : s.counter;
      if (counter !== expected) {
        const twice = (control & 1) !== 0 && counter === s.counter && text === s.last;
        if (!twice || s.repeated) {
          fail("1.4 Continuity_count_error", n, `PID ${pid}: ${s.counter}, then ${counter}`);
        }
        s.repeated = twice;
      } else s.repeated = false;
    }
    s.counter = counter;
    s.last = text;

    if ((b3 & 0xc0) !== 0) {
      if (pid === 0) fail("1.3 PAT_error", n, "scrambled");
      else if (pmtPids.has(pid)) fail("1.5 PMT_error", n, "scrambled");
      else if (!catSeen) scrambledWithoutCat = true;
    }
    if ((flags & 0x10) !== 0 && fieldLength >= 7) clock(n, pid, p, flags, s);
    if ((control & 1) === 0) continue;
    const from = 5 + fieldLength;
    if (pid === 0 || pid === 1 || pmtPids.has(pid)) {
      for (const section of sections(s, p.subarray(from), start)) table(n, now, pid, section, s);
    } else if (start && p[from] === 0 && p[from + 1] === 0 && p[from + 2] === 1) {
      if (((p[from + 7] as number) & 0x80) !== 0) {
        const at = from + 9;
        const pts = ((p[at] as number) & 0x0e) * 2 ** 29 + (p[at + 1] as number) * 2 ** 22 +
          ((p[at + 2] as number) >> 1) * 2 ** 15 + (p[at + 3] as number) * 2 ** 7 +
          ((p[at + 4] as number) >> 1);
        if (!Number.isNaN(s.pts) && referenced.has(pid)) {
          const ms = Math.abs(difference(pts * 300, s.pts * 300)) / 27_000;
          if (ms > ptsMillis) fail("2.5 PTS_error", n, `PID ${pid}: ${Math.round(ms)} ms`);
        }
        s.pts = pts;
      }
    }
  }
  if (!pids.has(0)) fail("1.3 PAT_error", 0, "no PAT");
  for (const pid of pmtPids) if (!pids.has(pid)) fail("1.5 PMT_error", 0, `no PMT on PID ${pid}`);
  const end = times(count - 1);
  for (const pid of referenced) {
    const silent = end - (pids.get(pid)?.seenAt ?? 0);
    if (!pids.has(pid) || silent > pidMillis) {
      fail("1.6 PID_error", count, `PID ${pid}: ${Math.round(silent)} ms`);
    }
  }
  if (scrambledWithoutCat) fail("2.6 CAT_error", count, "scrambled packets without CAT");
  const pcrAccuracy = accuracy(references);
  if (accuracyNanos !== undefined && !(pcrAccuracy <= accuracyNanos)) {
    fail("2.4 PCR_accuracy_error", count, `${Math.round(pcrAccuracy)} ns`);
  }
  return { errors, first, packets: count, pcrInterval, pcrAccuracy };

  function clock(n: number, pid: number, p: Uint8Array, flags: number, s: Pid): void {
    const pcr = readPcr(p, 6);
    if (clockPid < 0) clockPid = pid;
    const flagged = (flags & 0x80) !== 0;
    if (s.pcr >= 0 && !flagged) {
      const ms = difference(pcr, s.pcr) / 27_000;
      if (ms > 100 || ms < 0) {
        fail("2.3b PCR_discontinuity_indicator_error", n, `PID ${pid}: ${ms.toFixed(1)} ms`);
      }
      // A clock reference may stand at a packet's border: one packet at 100 kbit/s is 15 ms, so none is granted.
      if (ms > pcrMillis + 1e-6) fail("2.3a PCR_repetition_error", n, `PID ${pid}: ${ms.toFixed(1)} ms`);
      if (ms > pcrInterval) pcrInterval = ms;
    }
    if (flagged) {
      references.length = 0;
      for (const other of pids.values()) other.pts = NaN;
    }
    if (pid === clockPid) references.push({ packet: n, pcr });
    s.pcr = pcr;
    s.pcrPacket = n;
  }

  function table(n: number, now: number, pid: number, section: Uint8Array, s: Pid): void {
    const name = pid === 0 ? "1.3 PAT_error" : "1.5 PMT_error";
    const id = section[0];
    if (pid === 0 && id !== 0) return fail("1.3 PAT_error", n, `table ${id} on PID 0`);
    if (pid === 1 && id !== 1) return fail("2.6 CAT_error", n, `table ${id} on PID 1`);
    if (pid > 1 && id !== 2) return;
    if (crc(section) !== 0) return fail("2.2 CRC_error", n, `PID ${pid}`);
    if (pid === 1) catSeen = true;
    if (!Number.isNaN(s.tableAt) && now - s.tableAt > tablesMillis) {
      fail(name, n, `PID ${pid}: ${Math.round(now - s.tableAt)} ms`);
    }
    s.tableAt = now;
    const pidAt = (at: number) => (((section[at] as number) & 0x1f) << 8) | (section[at + 1] as number);
    const lengthAt = (at: number) => (((section[at] as number) & 0x0f) << 8) | (section[at + 1] as number);
    if (pid === 0) {
      for (let at = 8; at + 4 <= section.length - 4; at += 4) {
        if (((section[at] as number) | (section[at + 1] as number)) !== 0) pmtPids.add(pidAt(at + 2));
      }
    } else if (pid > 1) {
      for (let at = 12 + lengthAt(10); at + 5 <= section.length - 4; at += 5 + lengthAt(at + 3)) {
        referenced.add(pidAt(at + 1));
      }
    }
  }
}

/** Sections that end in this payload. */
function sections(s: Pid, payload: Uint8Array, start: boolean): Uint8Array[] {
  const done: Uint8Array[] = [];
  const take = (bytes: Uint8Array) => {
    for (const b of bytes) {
      if (s.table.length === 0 && b === 0xff) return;
      s.table.push(b);
      const length = 3 + ((((s.table[1] ?? 0) & 0x0f) << 8) | (s.table[2] ?? 0));
      if (s.table.length < 3 || s.table.length < length) continue;
      done.push(Uint8Array.from(s.table));
      s.table = [];
    }
  };
  if (!start) {
    if (s.table.length > 0) take(payload);
    return done;
  }
  const pointer = payload[0] ?? 0;
  if (s.table.length > 0) take(payload.subarray(1, 1 + pointer));
  s.table = [];
  take(payload.subarray(1 + pointer));
  return done;
}

function readPcr(p: Uint8Array, at: number): number {
  const base = (p[at] as number) * 2 ** 25 + (p[at + 1] as number) * 2 ** 17 +
    (p[at + 2] as number) * 2 ** 9 +
    (p[at + 3] as number) * 2 + ((p[at + 4] as number) >> 7);
  return base * 300 + (((p[at + 4] as number) & 1) << 8) + (p[at + 5] as number);
}

function difference(a: number, b: number): number {
  const d = (((a - b) % WRAP) + WRAP) % WRAP;
  return d > WRAP / 2 ? d - WRAP : d;
}

function crc(bytes: Uint8Array): number {
  let c = -1;
  for (const b of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const top = (c >>> 31) ^ ((b >> bit) & 1);
      c = (c << 1) ^ (top === 1 ? 0x04c11db7 : 0);
    }
  }
  return c >>> 0;
}

/** Milliseconds of each packet since the first clock reference of the PID that has one first. */
function packetTimes(stream: Uint8Array, count: number): (n: number) => number {
  const at: number[] = [];
  const ms: number[] = [];
  let pid = -1;
  let last = 0;
  for (let n = 0; n < count; n++) {
    const o = n * 188;
    if (stream[o] !== 0x47 || ((stream[o + 3] as number) & 0x20) === 0 || (stream[o + 4] as number) < 7) {
      continue;
    }
    if (((stream[o + 5] as number) & 0x10) === 0) continue;
    const its = (((stream[o + 1] as number) & 0x1f) << 8) | (stream[o + 2] as number);
    if (pid < 0) pid = its;
    if (its !== pid) continue;
    const pcr = readPcr(stream, o + 6);
    const step = at.length === 0 ? 0 : difference(pcr, last) / 27_000;
    last = pcr;
    at.push(n);
    ms.push((ms.at(-1) ?? 0) + (step > 0 && step < 10_000 ? step : 0));
  }
  return (n) => {
    let low = 0;
    let high = at.length - 1;
    if (high < 0 || n <= (at[0] as number)) return 0;
    while (low < high) {
      const mid = (low + high + 1) >> 1;
      if ((at[mid] as number) <= n) low = mid;
      else high = mid - 1;
    }
    const next = at[low + 1];
    const base = ms[low] as number;
    if (next === undefined) return base;
    const share = (n - (at[low] as number)) / (next - (at[low] as number));
    return base + share * ((ms[low + 1] as number) - base);
  };
}

/** Largest distance of a reference from the line through the first and the last, ns. */
function accuracy(references: readonly { packet: number; pcr: number }[]): number {
  const [from, to] = [references[0], references.at(-1)];
  if (from === undefined || to === undefined || references.length < 3) return NaN;
  const whole = difference(to.pcr, from.pcr);
  let worst = 0;
  for (const { packet, pcr } of references) {
    const line = (whole * (packet - from.packet)) / (to.packet - from.packet);
    worst = Math.max(worst, Math.abs(difference(pcr, from.pcr) - line));
  }
  return (worst / 27e6) * 1e9;
}

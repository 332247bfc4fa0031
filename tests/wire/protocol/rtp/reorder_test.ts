import { expect, test } from "bun:test";
import { type ReorderOutput, ReorderWindow } from "../../../../src/wire/protocol/rtp/reorder.ts";

/** Delivered numbers; `~3` before a number stands for three lost, `!` for a new beginning. */
class Order implements ReorderOutput {
  readonly out: string[] = [];
  duplicates = 0;
  lates = 0;

  packet(p: { sequence: number; payload: Uint8Array }, lost: number): void {
    const mark = lost < 0 ? "!" : lost > 0 ? `~${lost} ` : "";
    expect([...p.payload]).toEqual([p.sequence & 0xff, 7]);
    this.out.push(`${mark}${p.sequence}`);
  }

  duplicated(): void {
    this.duplicates++;
  }

  late(): void {
    this.lates++;
  }
}

function setUp(packets = 8, millis = 50) {
  const order = new Order();
  const window = new ReorderWindow(order, packets, millis);
  const push = (now: number, ...sequences: number[]) => {
    for (const s of sequences) {
      const sequence = s & 0xffff;
      // One array for all: what has to wait must be copied.
      const payload = shared.subarray(0, 2);
      payload.set([sequence & 0xff, 7]);
      window.push({ payloadType: 96, marker: false, sequence, timestamp: 0, ssrc: 1, payload }, now);
    }
    shared.fill(0xee);
  };
  return { order, window, push };
}
const shared = new Uint8Array(16);

interface Case {
  readonly name: string;
  readonly pushes: readonly (readonly [number, ...number[]])[];
  readonly out: string;
  readonly duplicates?: number;
  readonly lates?: number;
}

const cases: readonly Case[] = [
  { name: "passes what is in order", pushes: [[0, 5, 6, 7]], out: "5 6 7" },
  { name: "wraps", pushes: [[0, 65534, 65535, 0, 1]], out: "65534 65535 0 1" },
  { name: "puts two swapped ones right", pushes: [[0, 1, 3, 2, 4]], out: "1 2 3 4" },
  { name: "puts them right over the wrap", pushes: [[0, 65534, 1, 0, 65535, 2]], out: "65534 65535 0 1 2" },
  { name: "gives up after the time", pushes: [[0, 1, 3], [20, 4], [49, 5], [50, 6]], out: "1 ~1 3 4 5 6" },
  {
    name: "gives up when too many wait",
    pushes: [[0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11]],
    out: "1 ~1 3 4 5 6 7 8 9 10 11",
  },
  { name: "waits for the second gap on its own", pushes: [[0, 1, 3], [40, 5], [60, 6]], out: "1 ~1 3" },
  { name: "counts duplicates, early and late", pushes: [[0, 1, 1, 3, 3, 2, 2]], out: "1 2 3", duplicates: 3 },
  {
    name: "drops what comes after its place was given up",
    pushes: [[0, 1, 3], [60, 4, 2, 5]],
    out: "1 ~1 3 4 5",
    lates: 1,
  },
  { name: "takes a gap wider than the window at once", pushes: [[0, 1, 101, 102]], out: "1 ~99 101 102" },
  { name: "lets what waits go before a wide gap", pushes: [[0, 1, 3, 101]], out: "1 ~1 3 ~97 101" },
  {
    name: "begins anew after a jump (seqjump), once it is confirmed",
    pushes: [[0, 1, 3001, 3002, 3003]],
    out: "1 !3001 3002 3003",
  },
  { name: "begins anew after a jump back", pushes: [[0, 30000, 7, 8]], out: "30000 !7 8" },
  {
    name: "lets what waits go before it begins anew",
    pushes: [[0, 1, 3, 9001, 9002]],
    out: "1 ~1 3 !9001 9002",
  },
  { name: "drops a stray packet", pushes: [[0, 1, 9000, 2, 3]], out: "1 2 3" },
  {
    name: "drops strays that do not follow one another",
    pushes: [[0, 1, 9000, 19000, 2]],
    out: "1 2",
    lates: 1,
  },
];

for (const c of cases) {
  test(`ReorderWindow ${c.name}`, () => {
    const { order, push } = setUp();
    for (const [now, ...sequences] of c.pushes) push(now, ...sequences);
    expect(order.out.join(" ")).toBe(c.out);
    expect(order.duplicates).toBe(c.duplicates ?? 0);
    expect(order.lates).toBe(c.lates ?? 0);
  });
}

test("ReorderWindow gives up in tick() while nothing comes", () => {
  const { order, window, push } = setUp();
  push(0, 1, 3);
  window.tick(49);
  expect(order.out).toEqual(["1"]);
  window.tick(50);
  expect(order.out).toEqual(["1", "~1 3"]);
  expect(window.held).toBe(0);
});

test("ReorderWindow delivers everything on flush() and starts anywhere after reset()", () => {
  const { order, window, push } = setUp();
  push(0, 1, 3, 6);
  window.reset();
  push(0, 500, 501);
  expect(order.out.join(" ")).toBe("1 ~1 3 ~2 6 500 501");
});

test("ReorderWindow of size 0 holds nothing", () => {
  const { order, push } = setUp(0, 0);
  push(0, 1, 3, 2, 4);
  expect(order.out.join(" ")).toBe("1 ~1 3 4");
});

test("ReorderWindow survives any order: every number at most once, and rising", () => {
  let seed = 12_345;
  const random = () => (seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff) / 0x7fffffff;
  const { order, window, push } = setUp(16, 30);
  const sent: [number, number][] = [];
  for (let i = 0; i < 3000; i++) {
    if (random() < 0.05) continue;
    sent.push([i + (random() < 0.2 ? Math.floor(random() * 12) : 0), 60_000 + i]);
    if (random() < 0.05) sent.push([i + 3, 60_000 + i]);
  }
  sent.sort((a, b) => a[0] - b[0]);
  for (const [at, sequence] of sent) push(at, sequence);
  window.flush();
  const numbers = order.out.map((s) => Number(s.split(" ").at(-1)));
  for (let i = 1; i < numbers.length; i++) {
    expect((numbers[i]! - numbers[i - 1]!) & 0xffff).toBeLessThan(100);
    expect(numbers[i]).not.toBe(numbers[i - 1]!);
  }
  expect(numbers.length).toBe(new Set(sent.map((s) => s[1])).size);
});

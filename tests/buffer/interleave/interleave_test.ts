import { describe, expect, test } from "bun:test";
import { buildVariant, type Edit } from "./variant.ts";
import { hammer } from "./hammer.ts";

const SOURCE = new URL("../../../src/buffer", import.meta.url).pathname;

const large = { readers: 2, capacity: 400_000, most: 60_000, window: 300, pauseEvery: 0 };
const small = { readers: 2, capacity: 400_000, most: 24, window: 0, pauseEvery: 0 };

/** Readers sleep now and then between finding a record and reading it: threads meet there on one core too. */
const dawdle: Edit = {
  file: "track_view.ts",
  from: "    const word = row >> 2;\n    const flags =",
  to: "    const word = row >> 2;\n" +
    "    if (Math.random() < 0.01) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 0.05);\n" +
    "    const flags =",
};

interface Mutant {
  readonly name: string;
  readonly edits: readonly Edit[];
  readonly load: typeof large;
}

const mutants: readonly Mutant[] = [
  {
    name: "readers without proof",
    load: large,
    edits: [{
      file: "slot_ring.ts",
      from: "return ((sequence - Atomics.load(this.#words, this.#at + RING_TAIL)) | 0) >= 0;",
      to: "return true;",
    }],
  },
  {
    name: "publish before copy",
    load: large,
    edits: [
      { file: "track_page_writer.ts", from: "    this.#bytes.set(data, offset);\n", to: "" },
      {
        file: "track_page_writer.ts",
        from: "    this.#frames.publish();\n",
        to: "    this.#frames.publish();\n    this.#bytes.set(data, offset);\n",
      },
    ],
  },
  {
    name: "tail advanced after copy",
    load: large,
    edits: [
      {
        file: "slot_ring.ts",
        from: "      Atomics.store(this.#words, this.#at + RING_TAIL, tail | 0);\n",
        to: "",
      },
      {
        file: "slot_ring.ts",
        from: "    const head = this.#head + 1;\n",
        to:
          "    const head = this.#head + 1;\n    Atomics.store(this.#words, this.#at + RING_TAIL, this.#tail | 0);\n",
      },
    ],
  },
  {
    name: "wrap without giving up what was left behind",
    load: large,
    edits: [{
      file: "track_page_writer.ts",
      from: "const leftBehind = start < before && offset >= before;",
      to: "const leftBehind = false;",
    }],
  },
  {
    name: "records overwritten without a claim",
    load: small,
    edits: [dawdle, {
      file: "slot_ring.ts",
      from: "return over <= this.#lap ? Math.max(this.#tail, over) : this.#tail;",
      to: "return this.#tail;",
    }],
  },
];

describe("one writer and its readers on real threads", () => {
  const dawdling = buildVariant([dawdle]);
  for (
    const [name, load] of Object.entries({
      "frames of up to 60 kB": large,
      "tiny frames, where records run out first": small,
      "tiny frames, readers that dawdle": { ...small, folder: dawdling },
      "a wrap point that moves": { ...large, capacity: 4_000_000, window: 600 },
      "sequences about to wrap": { ...large, firstSequence: 2 ** 32 - 500 },
    })
  ) {
    test(`not one torn frame: ${name}`, async () => {
      // At least 0.7 s, and until the three readers were lapped often enough: a busy machine takes longer.
      const least = performance.now() + 700;
      const enough = (so: { read: number; lapped: number }) =>
        performance.now() > least && so.read > 20 && so.lapped > 60;
      const result = await hammer({ folder: SOURCE, ...load, readers: 3, millis: 60_000, enough });
      expect(result.torn).toBe(0);
      expect(result.read).toBeGreaterThan(20);
      expect(result.lapped).toBeGreaterThan(60);
    }, 70_000);
  }

  for (const mutant of mutants) {
    const folder = buildVariant(mutant.edits);
    test(`caught: ${mutant.name}`, async () => {
      // soon where threads run side by side; on a machine that has other things to do they seldom meet
      const result = await hammer({ ...mutant.load, folder, millis: 40_000, enough: (so) => so.torn > 0 });
      expect(result.torn).toBeGreaterThan(0);
    }, 50_000);
  }
});

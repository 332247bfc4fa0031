import { describe, expect, test } from "bun:test";
import { PartReader } from "./part_reader.ts";

const PART_TICKS = 18_000;
/** Parts in each segment. */
const EACH = 4;
const FIRST = 100;

/** A box of ISO 14496-12: 32-bit words and boxes in it. */
function box(name: string, ...content: (number | Uint8Array)[]): Uint8Array {
  const body = content.flatMap((c) => typeof c === "number" ? [c >>> 24, c >>> 16, c >>> 8, c] : [...c]);
  const size = body.length + 8;
  return Uint8Array.from([size >>> 24, size >>> 16, size >>> 8, size, ...Buffer.from(name), ...body]);
}

/** A fragment of one sample. */
function fragment(begin: number): Uint8Array<ArrayBuffer> {
  const tfdt = box("tfdt", 0x01000000, 0, begin);
  const trun = box("trun", 0x100, 1, PART_TICKS);
  return new Uint8Array(box("moof", box("traf", tfdt, trun)));
}

interface Faults {
  /** The playlist hints at the next segment when so many parts of this one are missing. */
  readonly hintsEarly?: number;
  /** Number, from 0, of a part that is listed and holds the one behind it. */
  readonly skips?: number;
  /** A part that is listed, and whose request, made before that, is not answered until the end. */
  readonly holds?: number;
  /** Segments whose parts are listed. */
  readonly window?: number;
}

/** A server of a rendition whose parts come when `come` is called. */
function serve(faults: Faults) {
  let count = 1;
  let ended = false;
  let arrive = () => {};
  const changed = new Set<() => void>();
  const name = (n: number) => `${FIRST + Math.floor(n / EACH)}.${n % EACH}.m4s`;
  const playlist = () => {
    const end = Math.floor((count - 1) / EACH);
    const from = Math.max(0, end + 1 - (faults.window ?? 3)) * EACH;
    const listed = Array.from({ length: count - from }, (_, n) => `#EXT-X-PART:URI="${name(from + n)}"`);
    const missing = (EACH - count % EACH) % EACH;
    const hint = missing === faults.hintsEarly ? count + missing : count;
    return [...listed, `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${name(hint)}"`, ""].join("\n");
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 60,
    async fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const [, msn, part] = /(\d+)\.(\d+)\.m4s/.exec(pathname) ??
        [undefined, searchParams.get("_HLS_msn"), searchParams.get("_HLS_part")];
      const asked = msn === null ? -1 : (Number(msn) - FIRST) * EACH + Number(part);
      const media = pathname.endsWith(".m4s");
      if (media && Number(part) >= EACH) {
        return new Response("The segment ended before this part\n", { status: 404 });
      }
      const held = media && asked === faults.holds && count <= asked;
      while (count <= asked || (held && !ended)) {
        await new Promise<void>((resolve) => {
          changed.add(resolve);
          if (media) arrive();
        });
      }
      if (!media) return new Response(playlist());
      return new Response(fragment((asked + (asked >= (faults.skips ?? Infinity) ? 1 : 0)) * PART_TICKS));
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/index.m3u8`,
    come(more: number) {
      count += more;
      for (const wake of changed) wake();
      changed.clear();
    },
    /** Somebody waits for a part. */
    asked: () => new Promise<void>((resolve) => arrive = resolve),
    end() {
      ended = true;
      this.come(2 * EACH);
    },
    [Symbol.dispose]: () => void server.stop(true),
  };
}

/** What a reader finds wrong at such a server while `rounds` times `more` parts come; and how many it read. */
async function read(faults: Faults, rounds: number, more: number) {
  using server = serve(faults);
  let asked = server.asked();
  const reader = await PartReader.open(server.url);
  for (let n = 0; n < rounds; n++) {
    await asked;
    asked = server.asked();
    server.come(more);
  }
  // it waits for what has not come yet, or complains
  let waits = false;
  void asked.then(() => void (waits = true));
  while ((!waits || faults.holds !== undefined) && reader.faults.length === 0) await Bun.sleep(5);
  const closed = reader.close();
  server.end();
  await closed;
  return { faults: reader.faults, parts: reader.parts };
}

describe("PartReader", () => {
  test("has nothing to say of a stream without faults", async () => {
    const { faults, parts } = await read({}, 3 * EACH, 1);
    expect(faults).toEqual([]);
    expect(parts).toBeGreaterThanOrEqual(EACH);
  });

  for (const early of [1, 2, 3]) {
    test(`takes a hint for a guess: ${early} more came before the hinted part`, async () => {
      expect((await read({ hintsEarly: early }, 5 * EACH, 1)).faults).toEqual([]);
    });
  }

  test("finds the parts that are listed no more when it comes late", async () => {
    const { faults, parts } = await read({ window: 1 }, 3, 11);
    expect(faults).toEqual([]);
    expect(parts).toBeGreaterThanOrEqual(25);
  });

  for (const skips of [6, 2 * EACH]) {
    test(`misses part ${skips}, when it is listed and holds the next`, async () => {
      const { faults } = await read({ skips }, 4 * EACH, 1);
      expect(faults).toHaveLength(1);
      expect(faults[0]).toContain(`begins at ${(skips + 1) * PART_TICKS}`);
    });
  }

  test("complains of a request that is held although the part is there", async () => {
    const { faults } = await read({ holds: 6 }, 2 * EACH, 1);
    expect(faults).toEqual(["101.2.m4s was held although it was there"]);
  }, 30_000);
});

import { describe, expect, test } from "bun:test";
import { clipTs, rtpDatagrams, tsDatagrams } from "../../peers/clip_ts.ts";
import { BadNetwork, type Impairment, seededRandom } from "../../peers/impairment.ts";
import { matrixParity, unmendable } from "../../wire/protocol/fec/matrix.ts";
import type { KeptTrack } from "../array_sink.ts";
import { openTaken } from "./taken.ts";

const CLIP = clipTs(40);
const hash = (bytes: Uint8Array) => Bun.hash(bytes);

/** Lets the sink make room for tracks now and then. */
async function inTurns(datagrams: readonly Uint8Array[], send: (bytes: Uint8Array, i: number) => unknown) {
  for (const [i, bytes] of datagrams.entries()) {
    send(bytes, i);
    if (i % 50 === 0) await Promise.resolve();
  }
}

/** What comes out when nothing is lost: the bytes of each frame, by its time. */
async function whole(datagrams: readonly Uint8Array[]) {
  const taken = openTaken();
  await inTurns(datagrams, (bytes) => taken.take(bytes));
  const { video, audio } = await taken.tracks();
  const index = (t: KeptTrack) =>
    new Map(t.frames.map((f) => [f.dts as number, { hash: hash(f.data), key: f.key }]));
  return { video: index(video), audio: index(audio) };
}
const reference = await whole(tsDatagrams(CLIP));
const hashes = new Set([...reference.video.values(), ...reference.audio.values()].map((f) => f.hash));

/** Whether every frame is one that was sent, and pictures follow one another or begin with a key frame. */
function expectUndamaged(video: KeptTrack, audio: KeptTrack, offset: number, audioOffset: number): void {
  let before = -1;
  const times = [...reference.video.keys()];
  for (const frame of video.frames) {
    const sent = reference.video.get(frame.dts + offset);
    expect(sent?.hash).toBe(hash(frame.data));
    const at = times.indexOf(frame.dts + offset);
    if (at !== before + 1) expect(frame.key).toBe(true);
    before = at;
  }
  for (const frame of audio.frames) {
    // times of sound come in 90 kHz: behind a gap they are a sample off
    const near = [0, 1, -1, 2, -2].map((by) => reference.audio.get(frame.dts + audioOffset + by)?.hash);
    expect(near).toContain(hash(frame.data));
  }
}

/** How far the session's time is behind the reference's: it begins at another picture when the first ones are lost. */
function offsetsOf(video: KeptTrack, audio: KeptTrack) {
  const first = video.frames[0]!;
  const sent = [...reference.video].find(([at, f]) => f.hash === hash(first.data) && at >= first.dts)!;
  const offset = sent[0] - first.dts;
  return { offset, audioOffset: Math.round(offset * audio.track.timescale / 90_000) };
}

test("the clip comes out whole", () => {
  expect(reference.video.size).toBeGreaterThan(990);
  expect(reference.audio.size).toBeGreaterThan(1700);
});

describe("a bad network never damages what is passed on", () => {
  const networks: readonly [string, Impairment][] = [
    ["0.1 % loss", { loss: 0.001 }],
    ["1 % loss", { loss: 0.01 }],
    ["10 % loss", { loss: 0.1 }],
    ["reordering and duplicates", { reorder: 0.1, depth: 5, duplicate: 0.05 }],
    ["everything", { loss: 0.03, reorder: 0.05, depth: 20, duplicate: 0.05 }],
  ];
  for (const [name, impairment] of networks) {
    for (const [wrapping, wrap] of [["RTP", rtpDatagrams], ["raw TS", tsDatagrams]] as const) {
      test(`${name}, ${wrapping}`, async () => {
        const taken = openTaken();
        const network = new BadNetwork<Uint8Array>(impairment, 7, (bytes) => void taken.take(bytes));
        const all = wrap(CLIP);
        // nobody can tell that the first packets or the last one are missing
        await inTurns(
          all,
          (bytes, i) => i < 9 || i === all.length - 1 ? network.pass(bytes) : network.send(bytes),
        );
        network.flush();
        taken.clock.advance(200);
        taken.datagrams.tick(taken.clock.mono());
        const { video, audio } = await taken.tracks();
        const counts = taken.counts();
        if (wrapping === "raw TS" && impairment.reorder !== undefined) {
          // nothing can put it in order again: what is whole by chance passes, at a time that is as good as any
          for (const frame of video?.frames ?? []) expect(hashes).toContain(hash(frame.data));
          for (const frame of audio?.frames ?? []) expect(hashes).toContain(hash(frame.data));
          return;
        }
        const { offset, audioOffset } = offsetsOf(video, audio);
        expectUndamaged(video, audio, offset, audioOffset);
        if (impairment.loss === undefined && wrapping === "RTP") {
          expect(video.frames.length).toBe(reference.video.size);
          expect(audio.frames.length).toBe(reference.audio.size);
          expect(counts).toMatchObject({ lost: 0, discontinued: 0, damaged: 0 });
          expect(counts.reordered).toBeGreaterThan(10);
          expect(counts.duplicated).toBeGreaterThan(10);
        }
        if (impairment.loss !== undefined && network.lost.length > 0) {
          expect(counts.discontinued).toBeGreaterThan(0);
          if (wrapping === "RTP") expect(counts.lost).toBe(network.lost.length);
        }
      });
    }
  }
});

describe("error correction brings back what theory says, exactly", () => {
  for (
    const [columns, rows, loss] of [[5, 5, 0.02], [10, 10, 0.05], [10, 5, 0.1], [5, 10, 0.2]] as const
  ) {
    test(`${columns}×${rows}, ${loss * 100} % loss, media and parity through the same network`, async () => {
      const size = columns * rows;
      const all = rtpDatagrams(CLIP, 65_000);
      const media = all.slice(0, all.length - all.length % size);
      const random = seededRandom(columns * 100 + rows);
      const taken = openTaken();
      taken.datagrams.parityExpected = true;
      let lost = 0;
      let left = 0;
      let late: Uint8Array[] = [];
      for (let m = 0; m * size < media.length; m++) {
        await taken.tracks();
        const matrix = media.slice(m * size, (m + 1) * size);
        const gone = new Set(matrix.keys().filter(() => m > 0 && random() < loss));
        lost += gone.size;
        left += unmendable(gone, columns, { rows: true, columns: true }).size;
        const parity = matrixParity(matrix, columns);
        matrix.forEach((packet, i) => {
          if (!gone.has(i)) taken.take(packet);
          // rows come at once, columns of the matrix before one by one between the rows of this one
          if (i % columns === columns - 1) {
            taken.datagrams.parity(parity.rows[(i - columns + 1) / columns]!, taken.clock.mono());
          }
          const column = late[Math.floor(i * columns / size)];
          if (i % rows === 0 && column !== undefined) taken.datagrams.parity(column, taken.clock.mono());
        });
        late = parity.columns;
      }
      for (const column of late) taken.datagrams.parity(column, taken.clock.mono());
      taken.clock.advance(4000);
      taken.datagrams.tick(taken.clock.mono());
      const { video, audio } = await taken.tracks();
      const counts = taken.counts();
      expect(lost).toBeGreaterThan(5);
      expect(counts.recovered).toBe(lost - left);
      expect(counts.lost).toBe(left);
      expect(counts.unrecoverable).toBe(left);
      expectUndamaged(video, audio, 0, 0);
      if (left === 0) expect(counts.discontinued).toBe(0);
    });
  }
});

for (const [wrapping, wrap] of [["RTP", rtpDatagrams], ["raw TS", tsDatagrams]] as const) {
  test(`a cable pulled for 5 s costs what was on it, and pictures up to the next key frame: ${wrapping}`, async () => {
    const all = wrap(CLIP);
    // wherever it is pulled: continuity counters are the same again every 16 packets
    for (const share of [0.3, 0.301, 0.302, 0.4]) {
      const taken = openTaken();
      const from = Math.floor(all.length * share);
      const to = from + Math.floor(all.length * 5 / 40);
      await inTurns(all, (bytes, i) => {
        if (i < from || i >= to) taken.take(bytes, 40_000 / all.length);
        else taken.clock.advance(40_000 / all.length);
      });
      const { video, audio } = await taken.tracks();
      expectUndamaged(video, audio, 0, 0);
      expect(Number(video.frames.at(-1)!.dts)).toBe([...reference.video.keys()].at(-1)!);
      expect(taken.counts().lost).toBe(wrapping === "RTP" ? to - from : 0);
      const missing = reference.video.size - video.frames.length;
      expect(missing).toBeGreaterThanOrEqual(120);
      expect(missing).toBeLessThan(125 + 60);
    }
  });
}

test("truncated and random datagrams among the good ones cost nothing but themselves", async () => {
  const taken = openTaken();
  const random = seededRandom(3);
  const noise = () =>
    Uint8Array.from({ length: Math.floor(random() * 1500) }, () => Math.floor(random() * 256));
  let used = 0;
  await inTurns(tsDatagrams(CLIP), (bytes) => {
    const junk = noise();
    // a datagram that looks like RTP, or begins like a packet and is none
    if (random() < 0.2 && junk.length > 0) junk[0] = random() < 0.5 ? 0x80 : 0x47;
    if (taken.take(junk, 0)) used++;
    taken.take(bytes);
  });
  const { video, audio } = await taken.tracks();
  expect(video.frames.length).toBe(reference.video.size);
  expect(audio.frames.length).toBe(reference.audio.size);
  expect(used).toBeLessThan(200);
});

test("datagrams cut short give their whole packets", async () => {
  const taken = openTaken();
  const all = tsDatagrams(CLIP);
  await inTurns(all, (bytes, i) => taken.take(i % 50 === 49 ? bytes.subarray(0, 188 * 3 + 20) : bytes));
  const { video, audio } = await taken.tracks();
  const { offset, audioOffset } = offsetsOf(video, audio);
  expectUndamaged(video, audio, offset, audioOffset);
  expect(taken.tally.totals().get("datagram cut short")).toBe(Math.floor(all.length / 50));
});

import { afterEach, describe, expect, test } from "bun:test";
import { Visitors } from "../../../src/egress/http/visitors.ts";
import { LiveStreams } from "../../../src/egress/live/live_streams.ts";
import type { GroupSettings } from "../../../src/egress/rtsp/group_places.ts";
import { RtspDoor } from "../../../src/egress/rtsp/rtsp_door.ts";
import { bindUdp } from "../../../src/host/udp.ts";
import type { Asked, Playing, PlaySession, ServedStream } from "../../../src/link/rtsp/served.ts";
import { isRtspRefusal } from "../../../src/link/rtsp/served.ts";
import type { Proof } from "../../../src/wire/protocol/rtsp/proof.ts";
import type { PacketBatch } from "../../../src/wire/protocol/rtp/packetize/packet_place.ts";
import { decodeRtcp } from "../../../src/wire/protocol/rtcp/packet.ts";
import { encodeReceiverReport } from "../../../src/wire/protocol/rtcp/receiver_report.ts";
import { ntpToWall } from "../../../src/wire/protocol/rtcp/ntp.ts";
import { emptyRtpPacket, readRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { parseSdp } from "../../../src/wire/protocol/sdp/sdp.ts";
import type { FrameSink, TrackSink } from "../../../src/ingest/frame_sink.ts";
import { ticks } from "../../../src/base/units.ts";
import { eventually } from "../../eventually.ts";
import { TestClock, TestStream } from "../http/test_door.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).reverse().forEach((close) => close()));

/** A stream of VP8 and G.711, 25 pictures a second, a key frame each ten. */
class Source {
  readonly clock = new TestClock();
  readonly stream = new TestStream("cam", this.clock);
  readonly door: RtspDoor;
  readonly visitors = new Visitors(this.clock);
  /** Streams whose own password was asked about. */
  readonly judged: string[] = [];
  readonly warned: string[] = [];
  readonly live: LiveStreams;
  #pictures = 0;
  #video!: TrackSink;
  #audio!: TrackSink;

  /** `password`: the stream's own. */
  constructor(accounts: Record<string, string> = {}, password?: string, groups: Partial<GroupSettings> = {}) {
    const live = this.live = new LiveStreams({
      open: (name) =>
        Promise.resolve(name === "cam" ? this.stream.open() : { status: 404, reason: "no such stream" }),
      touch() {},
    }, { clock: this.clock, log: quiet });
    closers.push(() => live.close());
    let next = 0;
    this.door = new RtspDoor({
      live,
      visitors: this.visitors,
      clock: this.clock,
      log: { ...quiet, warn: (line) => void this.warned.push(line) },
      hashes: { md5: (t) => `md5 ${t}`, sha256: (t) => `sha ${t}` },
      accounts: new Map(Object.entries(accounts)),
      judge: (stream, proof) => {
        this.judged.push(stream);
        if (password === undefined) return Promise.resolve("open");
        const right = proof.kind === "password" && proof.password === password;
        return Promise.resolve(right ? "right" : "wrong");
      },
      packetMax: 1000,
      groups: { first: "239.255.77.1", firstPort: 28_500, ttl: 1, interface: "127.0.0.1", ...groups },
      random: () => ++next * 1000,
    });
  }

  async begin(): Promise<this> {
    const session: FrameSink = this.stream.writer.begin();
    const base = { config: new Uint8Array(0), codecString: "", language: "und" };
    this.#video = await session.addTrack({
      ...base,
      id: 0,
      kind: "video",
      codec: "vp8",
      timescale: 90_000,
      width: 320,
      height: 180,
      frameRate: 25,
    });
    this.#audio = await session.addTrack({
      ...base,
      id: 1,
      kind: "audio",
      codec: "alaw",
      timescale: 8000,
      sampleRate: 8000,
      channels: 1,
    });
    return this;
  }

  /** So many pictures with their sound; a picture's bytes are its number. */
  run(pictures: number, size = 100): void {
    for (let i = 0; i < pictures; i++) {
      const n = this.#pictures++;
      this.clock.time += 40;
      this.#video.write(
        { dts: ticks(n * 3600), ptsOffset: 0, duration: 3600, key: n % 10 === 0, discontinuity: false },
        new Uint8Array(size).fill(n),
      );
      this.#audio.write(
        { dts: ticks(n * 320), ptsOffset: 0, duration: 320, key: true, discontinuity: false },
        new Uint8Array(320).fill(n),
      );
    }
  }

  describe(query: Record<string, string> = {}, path = "cam", proof: Proof = { kind: "none" }) {
    const asked: Asked = {
      path,
      url: `rtsp://h/${path}`,
      query: (name) => query[name],
      remote: "192.0.2.7",
      userAgent: "test/1 (é)",
      proof,
    };
    return this.door.describe(path, asked).then((stream) => ({ stream, asked }));
  }

  async play(session: Fake): Promise<{ heads: ReadonlyMap<number, { sequence: number }>; playing: Playing }> {
    const { stream, asked } = await this.describe();
    if (stream === undefined || isRtspRefusal(stream)) throw new Error("refused");
    session.stream = stream;
    session.asked = asked;
    const cue = this.door.cue(session);
    return { heads: cue.heads, playing: cue.begin() };
  }
}

/** A player that notes what comes: the first byte of each picture or sound, by track. */
class Fake implements PlaySession {
  asked!: Asked;
  stream!: ServedStream;
  readonly path = "cam";
  readonly remote = "192.0.2.7";
  readonly got: number[][] = [[], []];
  readonly sequences: number[][] = [[], []];
  readonly reports: Uint8Array[] = [];
  queued = 0;
  ended = "";
  stalled = false;

  constructor(readonly tracks: readonly number[] = [0, 1], readonly datagrams = false) {}

  isDatagram(): boolean {
    return this.datagrams;
  }

  isMulticast(): boolean {
    return false;
  }

  send(): void {}

  batch(track: number, batch: PacketBatch, from: number, to: number): number {
    const packet = emptyRtpPacket();
    for (const bytes of batch.packets(from, to)) {
      expect(readRtp(bytes, packet)).toBeUndefined();
      this.got[track]?.push(packet.payload.at(-1) as number);
      this.sequences[track]?.push(packet.sequence);
    }
    const bytes = batch.interleaved(0, from, to).length;
    if (this.stalled) this.queued += bytes;
    return bytes;
  }

  rtcp(_track: number, packet: Uint8Array): void {
    this.reports.push(packet.slice());
  }

  end(why: string): void {
    this.ended = why;
  }
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

describe("describe()", () => {
  test("offers the tracks that are asked for, each with its own number", async () => {
    const source = await new Source().begin();
    source.run(15);
    const sdpOf = async (query: Record<string, string>) => {
      const { stream } = await source.describe(query);
      return stream === undefined || isRtspRefusal(stream) ? stream : parseSdp(stream.sdp).medias.map((m) => [
        m.formats[0]?.encoding,
        m.formats[0]?.payloadType,
        m.control,
      ]);
    };
    expect(await sdpOf({})).toEqual([["VP8", 96, "trackID=0"], ["PCMA", 8, "trackID=1"]]);
    expect(await sdpOf({ video: "none" })).toEqual([["PCMA", 8, "trackID=1"]]);
    expect(await sdpOf({ track: "vp8" })).toEqual([["VP8", 96, "trackID=0"]]);
    expect(await sdpOf({ video: "none", audio: "none" })).toMatchObject({ status: 404 });
    expect(await sdpOf({ video: "what is this" })).toMatchObject({ status: 451 });
  });

  test("refuses what is not there, who may not, and who was stopped", async () => {
    const source = await new Source({ joe: "pw" }).begin();
    source.run(11);
    const joe: Proof = { kind: "password", user: "joe", password: "pw" };
    const of = async (path: string, proof: Proof) => (await source.describe({}, path, proof)).stream;
    expect(await of("../x", joe)).toBeUndefined();
    expect(await of("other", joe)).toMatchObject({ status: 404 });
    expect(await of("cam", { kind: "none" })).toMatchObject({ status: 401 });
    expect(await of("cam", { ...joe, user: "eve" })).toMatchObject({ status: 401 });
    expect(await of("CAM", joe)).toMatchObject({ tracks: [{}, {}] });
    const key = { stream: "cam", remote: "192.0.2.7", userAgent: "test/1 ( )", protocol: "RTSP", token: "" };
    source.visitors.refuse(key, 60_000);
    expect(await of("cam", joe)).toMatchObject({ status: 403 });
  });
});

test("a group that cannot be had is said to be none, and the stream is not kept for it", async () => {
  const source = await new Source({}, undefined, { firstPort: 65_535 }).begin();
  source.run(11);
  const { stream } = await source.describe();
  if (stream === undefined || isRtspRefusal(stream)) throw new Error("refused");
  expect(await stream.tracks[0]!.multicast!()).toBeUndefined();
  expect(source.live.get("cam")?.readers).toBe(0);
  source.door.account();
  expect(source.warned).toEqual(["no multicast, last no multicast group is left"]);
});

test("a stream's own password lets in beside the server's accounts", async () => {
  const joe: Proof = { kind: "password", user: "joe", password: "pw" };
  const any: Proof = { kind: "password", user: "joe", password: "hush" };
  const answers = async (source: Source) => {
    await source.begin();
    source.run(11);
    const all = await Promise.all(
      [{ kind: "none" } as const, joe, any].map((proof) => source.describe({}, "cam", proof)),
    );
    return all.map(({ stream }) => stream !== undefined && isRtspRefusal(stream) ? stream.status : 200);
  };
  expect(await answers(new Source())).toEqual([200, 200, 200]);
  expect(await answers(new Source({ joe: "pw" }))).toEqual([401, 200, 401]);
  expect(await answers(new Source({}, "hush"))).toEqual([401, 401, 200]);
  const both = new Source({ joe: "pw" }, "hush");
  expect(await answers(both)).toEqual([401, 200, 200]);
  expect(both.judged).toEqual(["cam", "cam"]);
});

describe("players", () => {
  test("begin with the newest key frame and get each packet once, whenever they come", async () => {
    const source = await new Source().begin();
    source.run(15);
    const first = new Fake();
    const { heads } = await source.play(first);
    expect(first.got).toEqual([range(10, 15), range(10, 15)]);
    expect([heads.get(0)?.sequence, heads.get(1)?.sequence])
      .toEqual([first.sequences[0]![0]!, first.sequences[1]![0]!]);
    source.run(3);
    await eventually(() => first.got[0]!.length === 8);
    const second = new Fake([0]);
    await source.play(second);
    expect(second.got[0]).toEqual(range(10, 18));
    expect(second.sequences[0]).toEqual(first.sequences[0]!);
    source.run(5);
    await eventually(() => first.got[0]!.length === 13 && second.got[0]!.length === 13);
    const third = new Fake();
    const { playing } = await source.play(third);
    expect(third.got).toEqual([range(20, 23), range(20, 23)]);
    playing.stop();
    source.run(1);
    await eventually(() => first.got[1]!.length === 14);
    expect(third.got[0]).toEqual(range(20, 23));
    expect(first.sequences[0]).toEqual(range(first.sequences[0]![0]!, first.sequences[0]![0]! + 14));
    expect(source.door.players).toBe(2);
    source.door.account();
    const { counts } = source.visitors.report()!;
    expect(counts[1]).toBeGreaterThan(14 * 100);
  });

  test("are told what time it is by the stream's clock, at once and again", async () => {
    const source = await new Source().begin();
    source.run(12);
    const player = new Fake([0]);
    await source.play(player);
    const reportOf = (bytes: Uint8Array) => {
      const decoded = decodeRtcp(bytes);
      const sr = decoded.kind === "ok" ? decoded.value[0] : undefined;
      if (sr?.kind !== "sr") throw new Error("no report");
      return { wall: ntpToWall(sr.ntpSeconds, sr.ntpFraction), timestamp: sr.timestamp };
    };
    const early = reportOf(player.reports[0]!);
    // Its newest picture came when it was the time it says.
    expect(Math.abs(early.wall - source.clock.wall())).toBeLessThan(100);
    source.run(130);
    await eventually(() => player.reports.length === 2);
    const late = reportOf(player.reports[1]!);
    expect((late.timestamp - early.timestamp) / 90).toBeCloseTo(late.wall - early.wall, 0);
    await source.play(new Fake([1])).then(({ playing }) => playing.stop());
    expect(player.reports.length).toBe(2);
  });

  test("who report what they lost are counted so; reports about other sources are not", async () => {
    const source = await new Source().begin();
    source.run(15);
    const [player, other] = [new Fake([0]), new Fake([0])];
    const { playing } = await source.play(player);
    await source.play(other);
    const decoded = decodeRtcp(player.reports[0]!);
    const sr = decoded.kind === "ok" ? decoded.value[0] : undefined;
    if (sr?.kind !== "sr") throw new Error("no report");
    const block = {
      ssrc: sr.ssrc,
      fractionLost: 0,
      lost: 2,
      highest: 0,
      jitter: 900,
      lastReport: ((sr.ntpSeconds << 16) | (sr.ntpFraction >>> 16)) >>> 0,
      sinceLastReport: 0x8000,
    };
    source.clock.time += 530;
    playing.rtcp?.(0, encodeReceiverReport({ ssrc: 1, blocks: [{ ...block, ssrc: sr.ssrc + 5, lost: 4 }] }));
    playing.rtcp?.(0, encodeReceiverReport({ ssrc: 1, blocks: [block] }));
    playing.rtcp?.(1, encodeReceiverReport({ ssrc: 1, blocks: [block] }));
    playing.rtcp?.(0, Uint8Array.of(1, 2, 3));
    source.door.account();
    // Both are one visitor; five packets went to each.
    const { receptions } = source.visitors.report()!;
    expect([...receptions!].map(Math.round)).toEqual([1, 10, 2, 10, 30]);
    source.door.account();
    expect([...source.visitors.report()!.receptions!].map(Math.round)).toEqual([1, 0, 0, 10, 30]);
  });

  test("who do not read are skipped ahead to a key frame; what waits for them is bounded", async () => {
    const source = await new Source().begin();
    source.run(11, 50_000);
    const slow = new Fake([0, 1]);
    const { playing } = await source.play(slow);
    slow.stalled = true;
    source.run(20, 50_000);
    await eventually(() => slow.queued > 256 * 1024);
    expect(slow.queued).toBeLessThan(512 * 1024);
    source.run(14, 50_000);
    await eventually(() => source.stream.tracks.length === 2);
    slow.stalled = false;
    slow.queued = 0;
    playing.drained?.();
    source.run(2, 50_000);
    await eventually(() => slow.got[0]!.at(-1) === 46);
    const pictures = [...new Set(slow.got[0])];
    const gap = pictures.findIndex((n, i) => i > 0 && n !== pictures[i - 1]! + 1);
    expect(pictures[gap]! % 10).toBe(0);
    expect(pictures.slice(gap)).toEqual(range(pictures[gap]!, 47));
  });

  test("who are many get a frame at once, and one after the other the pieces of a large frame", async () => {
    const source = await new Source().begin();
    source.run(1, 100);
    const turns: [player: number, picture: number][] = [];
    for (let i = 0; i < 40; i++) {
      const player = new Fake([0]);
      await source.play(player);
      const { batch } = player;
      player.batch = (track, packets, from, to) => {
        turns.push([i, packets.packets(from, to)[0]!.at(-1)!]);
        return batch.call(player, track, packets, from, to);
      };
    }
    const turnsOf = (picture: number) =>
      turns.filter((turn) => turn[1] === picture).map(([player]) => player);
    source.run(1, 30_000);
    await eventually(() => turnsOf(1).length === 40);
    expect(turnsOf(1)).toEqual(range(0, 40));
    source.run(1, 60_000);
    await eventually(() => turnsOf(2).length === 120);
    expect(turnsOf(2)).toEqual([...range(0, 40), ...range(0, 40), ...range(0, 40)]);
  });

  test("over UDP are not flooded by a group of pictures", async () => {
    const source = await new Source().begin();
    source.run(10, 20_000);
    const player = new Fake([0], true);
    await source.play(player);
    expect(player.got[0]!.length).toBe(48);
    await eventually(() => player.got[0]!.length > 200);
    expect(player.got[0]!.at(-1)).toBe(9);
  });

  test("are sent away when the stream ends, or was told to stop them", async () => {
    const source = await new Source().begin();
    source.run(11);
    const [stopped, left] = [new Fake([0]), new Fake([0])];
    await source.play(stopped);
    const key = { stream: "cam", remote: "192.0.2.7", userAgent: "test/1 ( )", protocol: "RTSP", token: "" };
    source.visitors.refuse(key, 60_000);
    source.door.dismiss();
    expect(stopped.ended).toBe("stopped");
    const late = new Fake([0]);
    const { stream, asked } = { stream: stopped.stream, asked: stopped.asked };
    source.door.cue(Object.assign(late, { stream, asked })).begin();
    expect(late.ended).toBe("stopped");
    source.clock.time += 70_000;
    const offline = new Fake([0]);
    await source.play(offline);
    source.stream.writer.end();
    source.clock.time += 21_000;
    await eventually(() => offline.ended === "the stream is offline");
    await source.play(left);
    source.stream.close();
    expect(left.ended).toBe("the stream was closed");
  });

  test("who ask for a group share one, and it ends with the last", async () => {
    const source = await new Source().begin();
    source.run(15);
    const { stream } = await source.describe();
    if (stream === undefined || isRtspRefusal(stream)) throw new Error("refused");
    const group = (await stream.tracks[0]!.multicast!())!;
    expect([group.address, group.ports, group.ttl]).toEqual(["239.255.77.1", [28_500, 28_501], 1]);
    const again = (await stream.tracks[0]!.multicast!())!;
    const other = (await stream.tracks[1]!.multicast!())!;
    expect([again.address, other.address, other.ports[0]]).toEqual(["239.255.77.1", "239.255.77.2", 28_502]);
    const got: number[] = [];
    const socket = await bindUdp(
      { address: group.address, port: group.ports[0], reuseAddr: true },
      (bytes) => void got.push(bytes.at(-1)!),
    );
    closers.push(() => socket.close());
    socket.joinGroup(group.address, { interface: "127.0.0.1" });
    const player = Object.assign(new Fake([0]), { isMulticast: () => true, stream });
    player.asked = (await source.describe()).asked;
    source.door.cue(player).begin();
    await eventually(() => got.length === 5);
    source.run(1);
    await eventually(() => got.length === 6);
    expect(got).toEqual(range(10, 16));
    for (const member of [group, again, other]) member.leave();
    expect((await stream.tracks[1]!.multicast!())?.address).toBe("239.255.77.1");
  });
});

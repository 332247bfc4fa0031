/**
 * The RTSP door alone in this process: one stream of 4 Mbit/s written by another thread, 200 players over TCP in another
 * process. From the write of a frame until its first and its last packet are handed to each player's socket, and the CPU
 * time of it all. Then 50 players that do not read, and 10 000 connections that never say anything.
 */
import { type MonoMillis, monoMillis } from "../src/base/units.ts";
import { StreamView } from "../src/buffer/stream_view.ts";
import { makeFrameRecord, TrackView } from "../src/buffer/track_view.ts";
import { Visitors } from "../src/egress/http/visitors.ts";
import { LiveStreams } from "../src/egress/live/live_streams.ts";
import { RtspDoor } from "../src/egress/rtsp/rtsp_door.ts";
import { systemClock } from "../src/host/clock.ts";
import { md5Hex, sha256Hex } from "../src/host/hash.ts";
import { connectTcp } from "../src/host/tcp.ts";
import type { PacketBatch } from "../src/wire/protocol/rtp/packetize/packet_place.ts";
import type { Cue, PlaySession } from "../src/link/rtsp/served.ts";
import { HALF_OPEN_MAX, serveRtsp } from "../src/link/rtsp/server.ts";
import { percentile, printMeasurement } from "./measurement.ts";

const PLAYERS = 200;
const SETTLE_MILLIS = 2000;
const MEASURE_MILLIS = 10_000;
const HALF_OPEN = 10_000;
const STALLED = 50;
const STALLED_MILLIS = 20_000;

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const writer = new Worker(new URL("./rtsp_writer.ts", import.meta.url));
const { page, track } = await new Promise<{ page: SharedArrayBuffer; track: SharedArrayBuffer }>(
  (resolve) => {
    writer.onmessage = (event) =>
      resolve(event.data as { page: SharedArrayBuffer; track: SharedArrayBuffer });
  },
);
const view = new TrackView(track);
const record = makeFrameRecord();
const visitors = new Visitors(systemClock);
const live = new LiveStreams({
  open: (name) => Promise.resolve({ name, page, tracks: [track], onTracks() {}, onClosed() {} }),
  touch() {},
}, { clock: systemClock, log: quiet });
let seed = 1;
const door = new RtspDoor({
  live,
  visitors,
  clock: systemClock,
  log: quiet,
  hashes: { md5: md5Hex, sha256: sha256Hex },
  accounts: new Map(),
  judge: () => Promise.resolve("open"),
  packetMax: 1472,
  groups: { first: "239.255.1.1", firstPort: 40_000, ttl: 1, interface: "" },
  random: () => seed++,
});

/** By player and frame, milliseconds from the write of the frame until its first packets were handed to the socket. */
const firsts: number[] = [];
/** The same until the last packets of the frame were, for the last of the players. */
const lasts: number[] = [];
/** The same until the first packets of the frame were, for the first of the players: how long it took to wake up. */
const wakes: number[] = [];
/** Frames that met a player who had not read what was before them. */
let behind = 0;
let measuring = false;
let bytes = 0;

/** The newest frame, and when it was written. */
let newest = -1;
let arrival = 0;

/** Notes that packets of the newest frame were handed to a player who has read all before, at `now`. */
function note(now: number, first: boolean): void {
  if (first) firsts.push(now - arrival);
  lasts[lasts.length - 1] = now - arrival;
}

/** A session that notes when packets are handed over. */
class Timed implements PlaySession {
  readonly asked;
  readonly path;
  readonly remote;
  readonly tracks;
  readonly stream;
  readonly #session: PlaySession;
  #sequence = -1;

  constructor(session: PlaySession) {
    this.#session = session;
    this.asked = session.asked;
    this.path = session.path;
    this.remote = session.remote;
    this.tracks = session.tracks;
    this.stream = session.stream;
  }

  get queued(): number {
    return this.#session.queued;
  }

  isDatagram(track: number): boolean {
    return this.#session.isDatagram(track);
  }

  isMulticast(track: number): boolean {
    return this.#session.isMulticast(track);
  }

  send(track: number, packet: Uint8Array): void {
    this.#session.send(track, packet);
  }

  rtcp(track: number, packet: Uint8Array): void {
    this.#session.rtcp(track, packet);
  }

  end(why: string): void {
    this.#session.end(why);
  }

  batch(track: number, batch: PacketBatch, from: number, to: number): number {
    const waits = this.#session.queued > 0;
    const sent = this.#session.batch(track, batch, from, to);
    if (!measuring) return sent;
    bytes += sent;
    const now = systemClock.mono();
    const head = view.head - 1;
    if (head !== newest && view.peek(head, record) === "ok") {
      newest = head;
      arrival = record.arrival;
      wakes.push(now - arrival);
      lasts.push(0);
    }
    if (waits) behind++;
    else note(now, this.#sequence !== newest);
    this.#sequence = newest;
    return sent;
  }
}

const server = await serveRtsp({
  host: "127.0.0.1",
  port: 0,
  clock: systemClock,
  log: quiet,
  describe: (path, asked) => door.describe(path, asked),
  cue: (session): Cue => door.cue(new Timed(session)),
});
while (new StreamView(page).newestSegment < 0 || view.newestKey < 0) await Bun.sleep(50);
const players = Bun.spawn(
  [process.execPath, "run", `${import.meta.dir}/rtsp_players.ts`, String(server.port), String(PLAYERS)],
  { stdout: "pipe", stdin: "pipe" },
);
while (door.players < PLAYERS) await Bun.sleep(50);
await Bun.sleep(SETTLE_MILLIS);
const before = process.cpuUsage();
const began: MonoMillis = monoMillis(systemClock.mono());
measuring = true;
await Bun.sleep(MEASURE_MILLIS);
measuring = false;
const seconds = (systemClock.mono() - began) / 1000;
const used = process.cpuUsage(before);
const still = door.players;
players.stdin.end();
await players.exited;
printMeasurement("rtsp", `${PLAYERS} TCP players of one stream of 4 Mbit/s`, {
  players: still,
  firstPacketP50: percentile(firsts, 0.5),
  firstPacketP99: percentile(firsts, 0.99),
  firstPlayerP99: percentile(wakes, 0.99),
  lastPacketP50: percentile(lasts, 0.5),
  lastPacketP99: percentile(lasts, 0.99),
  framesToPlayers: firsts.length,
  behind,
  corePercent: ((used.user + used.system) / 1e6 / seconds) * 100,
  megabitsPerSecond: (bytes * 8) / 1e6 / seconds,
  unit: "ms",
}, { players: { min: PLAYERS }, firstPacketP99: { max: 3 }, corePercent: { max: 100 } });

const spawnPlayers = (count: number, how: string) =>
  Bun.spawn(
    [process.execPath, "run", `${import.meta.dir}/rtsp_players.ts`, String(server.port), String(count), how],
    { stdout: "pipe", stdin: "pipe" },
  );
Bun.gc(true);
const beforeStalled = process.memoryUsage().rss;
const stalled = spawnPlayers(STALLED, "stalled");
await stalled.stdout.getReader().read();
await Bun.sleep(STALLED_MILLIS);
Bun.gc(true);
printMeasurement("rtsp", `${STALLED} players that do not read for ${STALLED_MILLIS / 1000} s`, {
  players: door.players,
  megabytesEach: (process.memoryUsage().rss - beforeStalled) / 2 ** 20 / STALLED,
  unit: "MB",
}, { players: { min: STALLED }, megabytesEach: { max: 1 } });
stalled.kill();
while (door.players > 0) await Bun.sleep(50);

const resident = process.memoryUsage().rss;
const silent = spawnPlayers(HALF_OPEN, "silent");
await silent.stdout.getReader().read();
await Bun.sleep(500);
const answered = systemClock.mono();
const one = await new Promise<boolean>((resolve, reject) => {
  connectTcp({ host: "127.0.0.1", port: server.port, timeoutMs: 5000 }, {
    data: (got) => resolve(new TextDecoder().decode(got).startsWith("RTSP/1.0 200")),
    close: () => resolve(false),
  }).then((tcp) => tcp.write(new TextEncoder().encode("OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n")), reject);
});
printMeasurement("rtsp", `${HALF_OPEN} connections that say nothing`, {
  kept: server.connections,
  grownMegabytes: (process.memoryUsage().rss - resident) / 2 ** 20,
  answered: one ? 1 : 0,
  answerMillis: systemClock.mono() - answered,
}, { kept: { max: HALF_OPEN_MAX + 1 }, answered: { min: 1 }, grownMegabytes: { max: 64 } });
silent.kill();
process.exit(0);

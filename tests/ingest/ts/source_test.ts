import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { bindUdp, type UdpSocket } from "../../../src/host/udp.ts";
import { InputMeter } from "../../../src/ingest/input_meter.ts";
import { AHEAD_MILLIS, runBytes } from "../../../src/ingest/ts/from_bytes.ts";
import { TsIntake } from "../../../src/ingest/ts/intake.ts";
import { tsSource } from "../../../src/ingest/ts/source.ts";
import { troubleOf } from "../../../src/ingest/ts/trouble.ts";
import { Scope } from "../../../src/base/scope.ts";
import { monoMillis } from "../../../src/base/units.ts";
import { clipTs, rtpDatagrams, tsDatagrams } from "../../peers/clip_ts.ts";
import { ManualClock } from "../../manual_clock.ts";
import { matrixParity } from "../../wire/protocol/fec/matrix.ts";
import { eventually } from "../../eventually.ts";
import { ArraySink } from "../array_sink.ts";
import { freePorts } from "../free_ports.ts";
import { pull, type PullOptions, testServices } from "../rtsp/pull.ts";

const CLIP = clipTs(8);
const pullTs = (url: string, o: PullOptions = {}) =>
  pull(url, { source: tsSource, ...o, values: { timeout: 3000, ...o.values } });

/** Sends datagrams over and over, a few a millisecond. */
function startSending(socket: UdpSocket, datagrams: readonly Uint8Array[], port: number, address: string) {
  let n = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 4; i++) socket.send(datagrams[n++ % datagrams.length]!, port, address);
  }, 2);
  return () => clearInterval(timer);
}

/** Whether somebody has the port of 127.0.0.1. */
function taken(port: number): boolean {
  return readFileSync("/proc/net/udp", "latin1").includes(`0100007F:${port.toString(16).toUpperCase()} `);
}

test.concurrent("one sender is followed; another one's datagrams do not garble its stream", async () => {
  const port = await freePorts(1);
  const [good, bad] = [await bindUdp({ address: "127.0.0.1" }, () => {}), await bindUdp({}, () => {})];
  const stops = [startSending(good, tsDatagrams(CLIP), port, "127.0.0.1")];
  const sink = new ArraySink();
  void eventually(() => sink.frames > 20, () => sink.frames).then(() => {
    stops.push(startSending(bad, tsDatagrams(clipTs(3, { origin: 9e6 })), port, "127.0.0.1"));
  });
  const { error, tally } = await pullTs(`tsudp://127.0.0.1:${port}`, { sink, enough: (s) => s.frames > 500 });
  for (const stop of stops) stop();
  good.close();
  bad.close();
  expect(error).toBeUndefined();
  expect(sink.codecs()).toEqual(["h264", "aac"]);
  expect(tally.totals().get("datagram of another sender")).toBeGreaterThan(5);
  // once it goes round, its clock jumps
  expect(tally.totals().get("ts continuity") ?? 0).toBeLessThan(20);
}, 25_000);

test.concurrent("a machine that stood still does not change over to another sender", async () => {
  const port = await freePorts(1);
  const [good, bad] = [await bindUdp({ address: "127.0.0.1" }, () => {}), await bindUdp({}, () => {})];
  const clock = new ManualClock();
  const sink = new ArraySink();
  const datagrams = tsDatagrams(CLIP);
  let n = 0;
  const done = (async () => {
    await eventually(() => good.send(datagrams[n++]!, port, "127.0.0.1") && sink.frames > 5);
    await Bun.sleep(20);
    for (let i = 0; i < 10; i++) bad.send(datagrams[0]!, port, "127.0.0.1");
    clock.stall(1500);
    await Bun.sleep(20);
    // the other one goes on once this one is silent
    await eventually(() => {
      clock.advance(100);
      bad.send(datagrams[n++]!, port, "127.0.0.1");
      return clock.mono() > 8000;
    });
  })();
  const { tally } = await pullTs(`tsudp://127.0.0.1:${port}`, {
    clock,
    sink,
    enough: () => false,
    until: done,
    values: { timeout: 60_000 },
  });
  expect(tally.totals().get("datagram of another sender")).toBeGreaterThanOrEqual(10);
  expect(tally.totals().get("datagram of another sender")).toBeLessThan(30);
  good.close();
  bad.close();
}, 25_000);

test.concurrent("parity on the ports + 2 and + 4 mends what is lost", async () => {
  const port = await freePorts(5);
  const socket = await bindUdp({ address: "127.0.0.1" }, () => {});
  const media = rtpDatagrams(clipTs(14)).slice(0, 260);
  let stopped = false;
  const send = async () => {
    // the ports of parity open when the first packet has come
    while (!stopped && !(taken(port + 2) && taken(port + 4))) {
      socket.send(media[0]!, port, "127.0.0.1");
      await Bun.sleep(10);
    }
    for (let m = 0; m < 10 && !stopped; m++) {
      const matrix = media.slice(1 + m * 25, 26 + m * 25);
      matrix.forEach((packet, i) => {
        if (m === 0 || i % 6 !== 3) socket.send(packet, port, "127.0.0.1");
      });
      await Bun.sleep(5);
      const parity = matrixParity(matrix, 5);
      for (const packet of parity.columns) socket.send(packet, port + 2, "127.0.0.1");
      for (const packet of parity.rows) socket.send(packet, port + 4, "127.0.0.1");
      await Bun.sleep(5);
    }
    socket.send(media[251]!, port, "127.0.0.1");
  };
  void send();
  const meter = new InputMeter();
  const lines: string[] = [];
  const services = { ...testServices(lines), meter };
  const scope = new Scope();
  const sink = new ArraySink();
  void sink.until(() => meter.sum().recovered >= 36 && meter.sum().frames > 150).then(() => scope.close());
  const late = setTimeout(() => void scope.close(), 15_000);
  // parity that is sent late by a busy machine is waited for
  const values = { reorderMillis: 5000 };
  await tsSource.run(scope, { url: `tsrtp://127.0.0.1:${port}`, values }, sink, services);
  clearTimeout(late);
  stopped = true;
  socket.close();
  expect(meter.sum()).toMatchObject({
    recovered: 36,
    lost: 0,
    unrecoverable: 0,
    discontinued: 0,
    damaged: 0,
  });
}, 25_000);

test.concurrent("HTTP, with a login; the end of the download is the end of the stream", async () => {
  const server = Bun.serve({
    port: 0,
    fetch(request) {
      const { pathname } = new URL(request.url);
      if (pathname === "/gone.ts") return new Response("", { status: 404 });
      if (request.headers.get("authorization") !== `Basic ${btoa("joe:hu/sh")}`) {
        return new Response("", { status: 401 });
      }
      return new Response(pathname === "/page.ts" ? "<html>".repeat(9999) : CLIP.slice(0, 188 * 700));
    },
  });
  const at = `127.0.0.1:${server.port}`;
  const whole = await pullTs(`http://joe:hu%2Fsh@${at}/x.ts`, { enough: () => false });
  expect(whole.error).toBeUndefined();
  expect(whole.sink.codecs()).toEqual(["h264", "aac"]);
  expect(whole.limited).toBe(false);
  expect((await pullTs(`http-ts://${at}/x`)).error?.message).toBe(`${at} answers 401`);
  expect((await pullTs(`http://${at}/gone.ts`)).error?.constructor.name).toBe("Refused");
  const page = await pullTs(`http://joe:hu%2Fsh@${at}/page.ts`);
  expect(page.error?.message).toBe("what comes is no MPEG transport stream");
  void server.stop(true);
}, 25_000);

test.concurrent("programs: their output, their end, what they said last", async () => {
  const { sink, error } = await pullTs("ts-exec:sh -c 'exec head -c 300000 /dev/zero'", {
    enough: () => false,
  });
  expect(sink.frames).toBe(0);
  expect(error?.message).toBe("what comes is no MPEG transport stream");
  const nothing = await pullTs("ts-exec:true");
  expect(nothing.error?.message).toBe("it ended before anything came");
  const failed = await pullTs("ts-exec:sh -c 'echo first >&2; echo rtsp://joe:hush@x failed >&2; exit 3'");
  expect(failed.error?.message).toBe("sh ended with exit code 3: rtsp://***@x failed");
  const none = await pullTs("ts-exec:/nowhere/program x");
  expect(none.error?.message).toContain("cannot start /nowhere/program: ");
  const silent = await pullTs("ts-exec:sleep 60", { values: { timeout: 1000 } });
  expect(silent.error?.message).toBe("silent for 1 s");
  expect(silent.limited).toBe(false);
}, 25_000);

test("what comes as fast as it is read is held to the speed of its media", async () => {
  const clock = new ManualClock();
  const sink = new ArraySink();
  const { tally, log } = testServices([]);
  const intake = new TsIntake({ program: 0, clock, sink, tally, log });
  let given = 0;
  const bytes = (async function* () {
    for (let at = 0; at < CLIP.length; at += 1880, given = at) yield CLIP.subarray(at, at + 1880);
  })();
  const services = { clock, tally, log, random: () => 0, remember: new Map<string, string>() };
  const run = runBytes(new Scope(), bytes, { program: 0, silenceMillis: 60_000 }, intake, services);
  const settle = async () => {
    for (let i = 0; i < 5000; i++) await Promise.resolve();
  };
  await settle();
  expect(intake.newestMillis).toBeGreaterThan(AHEAD_MILLIS);
  expect(intake.newestMillis).toBeLessThan(AHEAD_MILLIS + 300);
  expect(given).toBeLessThan(CLIP.length);
  clock.advance(1000);
  await settle();
  expect(intake.newestMillis).toBeLessThan(AHEAD_MILLIS + 1300);
  for (let i = 0; i < 30; i++) {
    clock.advance(200);
    await settle();
  }
  await run;
  expect(intake.newestMillis).toBeGreaterThan(7500);
}, 25_000);

test("what keeps a stream from running is said", () => {
  const clock = new ManualClock();
  const { tally, log } = testServices([]);
  const open = (program = 0) => new TsIntake({ program, clock, sink: new ArraySink(), tally, log });
  const said = (intake: TsIntake, seconds: number, wanted = 0) =>
    troubleOf(intake, monoMillis(0), monoMillis(seconds * 1000), wanted)?.message;
  const empty = open();
  expect(said(empty, 2)).toBeUndefined();
  expect(said(empty, 4)).toBe("what comes is no MPEG transport stream");
  const other = open(7);
  other.push(CLIP);
  expect(said(other, 4, 7)).toBe("no program 7: the stream has 1");
  const tables = open();
  tables.push(CLIP.subarray(0, 188 * 8).map((b, i) => i % 188 === 1 && b === 0x50 ? 0x51 : b));
  expect(said(tables, 11)).toBe("no program map (PMT) in 10 s of data");
  const scrambled = open();
  const locked = CLIP.slice();
  for (let at = 0; at < locked.length; at += 188) {
    const pid = (locked[at + 1]! & 0x1f) * 256 + locked[at + 2]!;
    if (pid === 0x100 || pid === 0x101) locked[at + 3] = locked[at + 3]! | 0x80;
  }
  scrambled.push(locked);
  expect(said(scrambled, 11)).toBe("program 1 is scrambled");
  const fine = open();
  fine.push(CLIP);
  expect(said(fine, 100)).toBeUndefined();
}, 25_000);

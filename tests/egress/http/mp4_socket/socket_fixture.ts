import type { Log } from "../../../../src/base/log.ts";
import { LiveStream } from "../../../../src/egress/live/live_stream.ts";
import { MP4_SOCKET } from "../../../../src/egress/http/mp4_socket/mp4_packager.ts";
import type { SocketFormat } from "../../../../src/egress/http/mp4_socket/packager.ts";
import { SocketSession } from "../../../../src/egress/http/mp4_socket/session.ts";
import { TrackSets } from "../../../../src/egress/http/mp4_socket/track_sets.ts";
import { Visitors } from "../../../../src/egress/http/visitors.ts";
import type { WebSocketPeer } from "../../../../src/host/websocket.ts";
import type { TrackSink } from "../../../../src/ingest/frame_sink.ts";
import type { Track } from "../../../../src/media/track.ts";
import { findBoxes } from "../../../../src/wire/container/mp4/boxes.ts";
import { settle } from "../test_app.ts";
import { AUDIO, SyntheticCamera, TestClock, TestStream, VIDEO } from "../test_door.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };

/** A clock whose timers run when the test says that time has passed. */
export class SteppedClock extends TestClock {
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();

  override after(ms: number, run: () => void): () => void {
    const timer = { at: this.time + ms, run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Lets so much time pass. */
  step(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.run();
    }
    this.time = end;
  }
}

/** The other end of a socket: what it got, and how much it lets wait. */
export class FakePeer implements WebSocketPeer {
  readonly got: (string | Uint8Array)[] = [];
  /** Takes nothing: all that is sent waits. */
  stalled = false;
  queued = 0;
  /** The most that ever waited. */
  most = 0;
  closed: number | undefined;

  send(message: string | Uint8Array): number {
    if (this.closed !== undefined) return 0;
    this.got.push(typeof message === "string" ? message : message.slice());
    if (this.stalled) this.queued += message.length;
    this.most = Math.max(this.most, this.queued);
    return this.queued;
  }

  close(code: number): void {
    this.closed = code;
  }

  /** Text messages, those of each second left out unless asked for. */
  texts(types?: RegExp): Record<string, unknown>[] {
    const all = this.got.filter((m) => typeof m === "string").map((m) =>
      JSON.parse(m) as Record<string, unknown>
    );
    return all.filter(({ type }) => (types ?? /^(?!on_time)/).test(String(type)));
  }

  /** Binary messages. */
  media(): Uint8Array[] {
    return this.got.filter((m) => typeof m !== "string") as Uint8Array[];
  }

  /** Numbers of the video frames that it got, as test_door.ts writes them into their bytes. */
  frames(track = 1): number[] {
    return this.media().flatMap((message) => framesIn(message, track));
  }

  /** Forgets what it got. */
  clear(): void {
    this.got.length = 0;
  }
}

/** Numbers of a track's frames in one fragment: the first four bytes of each sample. */
export function framesIn(fragment: Uint8Array, track = 1): number[] {
  const numbers: number[] = [];
  const view = new DataView(fragment.buffer, fragment.byteOffset, fragment.byteLength);
  for (const { payload } of findBoxes(fragment, ["moof", "traf"])) {
    const [tfhd] = findBoxes(payload, ["tfhd"]), [trun] = findBoxes(payload, ["trun"]);
    if (tfhd === undefined || trun === undefined) continue;
    const head = dataView(tfhd.payload), run = dataView(trun.payload);
    if (head.getUint32(4) !== track) continue;
    const headFlags = head.getUint32(0) & 0xffffff, flags = run.getUint32(0) & 0xffffff;
    const defaultSize = (headFlags & 0x10) === 0 ? 0 : head.getUint32(8 + (headFlags & 0x8 ? 4 : 0));
    let at = run.getInt32(8);
    let row = 12 + (flags & 0x4 ? 4 : 0);
    for (let n = run.getUint32(4); n > 0; n--) {
      numbers.push(view.getUint32(at));
      if (flags & 0x100) row += 4;
      at += flags & 0x200 ? run.getUint32(row) : defaultSize;
      for (const flag of [0x200, 0x400, 0x800]) if (flags & flag) row += 4;
    }
  }
  return numbers;
}

function dataView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Sockets on one synthetic stream called `cam`, without a network. */
export class SocketBox {
  readonly clock = new SteppedClock();
  readonly stream = new TestStream("cam", this.clock);
  readonly camera = new SyntheticCamera(this.stream);
  readonly live: LiveStream;
  readonly visitors = new Visitors(this.clock);
  readonly sets = new TrackSets(this.clock);
  #written = 0;
  #viewers = 0;
  #video: TrackSink | undefined;

  private constructor() {
    this.live = new LiveStream(this.stream.open(), this.clock, quiet);
  }

  /** A camera that has run for `seconds`. */
  static async start(seconds: number, tracks: readonly Track[] = [VIDEO, AUDIO]): Promise<SocketBox> {
    const box = new SocketBox();
    for (const track of tracks) {
      const sink = await box.camera.add(track);
      if (track.kind === "video") box.#video = sink;
    }
    box.camera.gop = 25;
    box.live.subscribe(() => {});
    await box.run(seconds);
    return box;
  }

  /** Where the camera's pictures go. */
  get video(): TrackSink {
    if (this.#video === undefined) throw new Error("no video");
    return this.#video;
  }

  /** Writes `seconds` more, in steps of a picture, while time passes. */
  async run(seconds: number, step = 0.04): Promise<void> {
    const end = this.#written + seconds;
    while (this.#written < end - 1e-9) {
      this.#written = Math.min(end, this.#written + step);
      this.camera.writeUntil(this.#written);
      this.clock.step(step * 1000);
      await settle(0);
    }
    await settle(2);
  }

  /** A viewer that has said nothing yet. */
  async join(
    commands: readonly object[] = [],
    format: SocketFormat = MP4_SOCKET,
    query: Readonly<Record<string, string>> = {},
  ) {
    const peer = new FakePeer();
    const request = new Request("http://host/cam.mp4", { headers: { "user-agent": `${this.#viewers++}` } });
    const visitor = this.visitors.visit("cam", format.protocol, request, "192.0.2.1");
    if (visitor === undefined) throw new Error("no visitor");
    const session = new SocketSession(
      this.live,
      format,
      visitor,
      {
        clock: this.clock,
        setOf: (live, form, views) => this.sets.get(live, form, views),
        opened() {},
        closed() {},
      },
      { address: "/cam.mp4", remote: "192.0.2.1" },
      (name) => query[name],
    );
    session.open(peer);
    await settle(2);
    const say = (command: object) => session.message(JSON.stringify(command));
    for (const command of commands) say(command);
    return { peer, session, visitor, say };
  }

  close(): void {
    this.live.close();
  }
}

import type { Log } from "../../../src/base/log.ts";
import { type HttpApp, makeHttpApp } from "../../../src/egress/http/app.ts";
import { PUBLIC_DEFAULTS, type PublicSettings } from "../../../src/egress/http/public_address.ts";
import type { HlsSettings } from "../../../src/egress/http/segments/settings.ts";
import { AUDIO, SyntheticCamera, TestClock, TestDoor, TestStream, VIDEO } from "./test_door.ts";
import type { Track } from "../../../src/media/track.ts";

const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };

const FILES: Readonly<Record<string, string>> = {
  "index.html": "<p>page",
  "watch.html": "<title>fogcast</title>",
};

/** The web server's answers over one synthetic camera called `cam`, without sockets. */
export class TestApp {
  readonly clock = new TestClock();
  readonly door = new TestDoor();
  readonly errors: string[] = [];
  /** What the controller says of `cam`. */
  state = { state: "online", reason: "" };
  readonly stream: TestStream;
  readonly app: HttpApp;

  constructor(settings: Partial<HlsSettings> = {}) {
    this.stream = new TestStream("cam", this.clock);
    this.door.streams.set("cam", this.stream);
    this.app = this.another(settings);
  }

  /** Whether parts are offered to those who do not say. */
  lowLatency = true;

  /** A further worker over the same stream. */
  another(settings: Partial<HlsSettings> = {}, more: Partial<PublicSettings> = {}): HttpApp {
    return makeHttpApp({
      door: this.door,
      assets: (name) => FILES[name] === undefined ? undefined : new TextEncoder().encode(FILES[name]),
      clock: this.clock,
      log: { ...quiet, error: (line) => void this.errors.push(line) },
      settings: { hls: settings },
      lowLatency: () => this.lowLatency,
      publicSettings: { ...PUBLIC_DEFAULTS, ...more },
      list: () => Promise.resolve([{ name: "cam", ...this.state, tracks: [] }]),
    });
  }

  /** A camera with these tracks that has written `seconds`. */
  async camera(seconds: number, tracks: readonly Track[] = [VIDEO, AUDIO]): Promise<SyntheticCamera> {
    const camera = new SyntheticCamera(this.stream);
    for (const track of tracks) await camera.add(track);
    camera.writeUntil(seconds);
    return camera;
  }

  async get(path: string, init: RequestInit = {}, app = this.app): Promise<Response> {
    return await app(new Request(`http://host${path}`, init), { remote: "192.0.2.1" });
  }

  async text(path: string): Promise<string> {
    const answer = await this.get(path);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return await answer.text();
  }

  async bytes(path: string, app = this.app): Promise<Uint8Array> {
    const answer = await this.get(path, {}, app);
    if (answer.status !== 200) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return await answer.bytes();
  }
}

/** Lets what waits at doorbells and promises run. */
export function settle(ms = 10): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

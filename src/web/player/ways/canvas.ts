import { MediaSourceHere } from "../abilities.ts";
import { fragmentOf, initOf } from "../audio_only.ts";
import { codecString, isHevc, SOCKET_CODECS } from "../codec_strings.ts";
import { Presenter } from "../hevc/presenter.ts";
import type { PictureDecoder } from "../hevc/picture_decoder.ts";
import { openSoftware } from "../hevc/software.ts";
import { openWebCodecs } from "../hevc/web_codecs.ts";
import { bufferedAhead, FOR_FRAMES, LatencyKeeper } from "../latency_keeper.ts";
import {
  BoxAssembler,
  type Defaults,
  type Mp4Sample,
  type Mp4Track,
  readBoxes,
  readDefaults,
  readSamples,
  readTracks,
} from "../mp4_boxes.ts";
import type { Choice, Opening, Playback, PlaybackStats, TrackKind } from "../playback.ts";
import { tracksOf } from "../stream_info.ts";
import { MediaFeed } from "./media_feed.ts";
import { Mp4Socket, type SocketMessage } from "./mp4_socket.ts";
import { bitRateMeter, chosenTracks } from "./readings.ts";

/** Pictures that come so much later than the sound slow the sound down, until it waits for them, seconds. */
const LATE = 0.04;
const SLOWED = 0.85;
/** More sound than this beyond what is needed is left out, seconds. */
const AHEAD_MOST = 0.5;
/** So many pictures are kept while the decoder is loaded. */
const EARLY_MOST = 500;

/**
 * H.265 for browsers that do not play it: MP4 over a WebSocket is taken apart here, the pictures are decoded by WebCodecs
 * or by WebAssembly and painted, the sound goes to Media Source Extensions, whose clock the pictures follow.
 */
export function openCanvas(opening: Opening): Playback {
  return new CanvasPlayback(opening);
}

class CanvasPlayback implements Playback {
  readonly surface: HTMLCanvasElement;
  readonly #opening: Opening;
  readonly #socket: Mp4Socket;
  readonly #presenter: Presenter;
  readonly #keeper: LatencyKeeper;
  readonly #boxes = new BoxAssembler();
  readonly #bits = bitRateMeter();
  #decoder: PictureDecoder | undefined;
  /** Pictures that came before the decoder was ready. */
  #early: Parameters<PictureDecoder["decode"]>[] = [];
  #sound: MediaFeed | undefined;
  /** The sound cannot be played. */
  #mute = false;
  #tracks: readonly Mp4Track[] = [];
  #defaults: Defaults = new Map();
  #init: Uint8Array<ArrayBuffer> = new Uint8Array();
  #codecs: readonly string[] = [];
  #chosen: Partial<Record<TrackKind, string>>;
  #fragments = 0;
  /** Newest picture that has come, seconds. */
  #newest = 0;
  #opened = 0;
  #closed = false;

  constructor(opening: Opening) {
    const { video, stage, events, options } = opening;
    this.#opening = opening;
    this.#chosen = { ...options.tracks };
    this.#presenter = new Presenter(() => this.#soundClock());
    this.surface = this.#presenter.canvas;
    this.surface.className = "surface";
    stage.append(this.surface);
    this.#keeper = new LatencyKeeper(video, FOR_FRAMES);
    this.#keeper.target = options.latency ?? 0.15;
    const sound = SOCKET_CODECS.filter(({ mime }) =>
      /^audio/.test(mime) && MediaSourceHere?.isTypeSupported(mime)
    );
    this.#socket = new Mp4Socket(opening.url, [
      "HEVC",
      ...sound.map((c) => c.name),
    ], {
      message: (message) => this.#heard(message),
      media: (bytes) => {
        events.alive();
        try {
          this.#take(new Uint8Array(bytes));
        } catch (error) {
          events.failed(error instanceof Error ? error.message : String(error));
        }
      },
      closed: events.failed,
    });
  }

  /** The sound's clock while it runs; undefined: there is no sound. */
  #soundClock(): number | undefined {
    const { video } = this.#opening;
    if (this.#sound === undefined || video.readyState < 2) return undefined;
    return video.currentTime;
  }

  #heard(message: SocketMessage): void {
    switch (message.type) {
      case "codec_data":
        this.#codecs = message.codecs ?? [];
        if (Object.keys(this.#chosen).length > 0) {
          this.#socket.sendTracks(this.#chosen);
        }
        this.#socket.send({ type: "play" });
        break;
      case "tracks":
        this.#codecs = message.codecs ?? [];
        this.#opening.events.choices();
        break;
      case "on_stop":
        this.#opening.events.ended();
        break;
      case "error":
        this.#opening.events.failed(
          message.message ?? message.error ?? "the server cannot send it",
        );
        break;
    }
  }

  #take(chunk: Uint8Array<ArrayBuffer>): void {
    const bytes = this.#boxes.push(chunk);
    if (bytes === undefined) return;
    for (const box of readBoxes(bytes)) {
      if (box.type === "moov") this.#begin(bytes.slice(0, box.end));
      else if (box.type === "moof") {
        this.#fragment(readSamples(bytes, box, this.#defaults));
      }
    }
  }

  /** A new initialisation segment: the tracks, and decoders for them. */
  #begin(init: Uint8Array<ArrayBuffer>): void {
    this.#init = init;
    this.#tracks = readTracks(init);
    this.#defaults = readDefaults(init);
    this.#decoder?.close();
    this.#decoder = undefined;
    this.#early = [];
    const attempt = ++this.#opened;
    const video = this.#tracks.find((t) => t.kind === "video" && t.config.length > 0);
    if (video === undefined) {
      this.#opening.events.failed("no H.265 pictures came");
    } else {
      this.#openDecoder(video).then(
        (decoder) => {
          if (this.#closed || attempt !== this.#opened) decoder.close();
          else {
            this.#decoder = decoder;
            for (const picture of this.#early.splice(0)) {
              decoder.decode(...picture);
            }
          }
        },
        (error) =>
          this.#opening.events.failed(
            error instanceof Error ? error.message : String(error),
          ),
      );
    }
    this.#openSound();
  }

  async #openDecoder(track: Mp4Track): Promise<PictureDecoder> {
    const { info, base, events } = this.#opening;
    const told = tracksOf(info).find((t) => t.kind === "video" && isHevc(t));
    const codec = this.#codecs.find((c) => /^h[ev][cv]1/.test(c)) ??
      (told && codecString(told)) ?? "hvc1.1.6.L93.B0";
    const on = {
      picture: this.#presenter.push.bind(this.#presenter),
      failed: (reason: string) => !this.#closed && events.failed(reason),
    };
    if ("VideoDecoder" in globalThis) {
      try {
        const config = {
          codec,
          description: track.config,
          optimizeForLatency: true,
        };
        if ((await VideoDecoder.isConfigSupported(config)).supported === true) {
          return openWebCodecs(codec, track.config, on);
        }
      } catch (error) {
        console.debug("fogcast: WebCodecs does not take", codec, error);
      }
    }
    return await openSoftware(base, track.config, on);
  }

  #openSound(): void {
    const { video } = this.#opening;
    const track = this.#tracks.find((t) => t.kind === "audio");
    if (track === undefined || this.#mute) {
      this.#sound?.close();
      this.#sound = undefined;
      return;
    }
    const codec = this.#codecs.find((c) => !/^h[ev][cv]1/.test(c)) ??
      "mp4a.40.2";
    this.#sound ??= new MediaFeed(video, (reason) => {
      // as in Firefox on a machine without a sound card: the pictures go on without
      console.info("fogcast: no sound:", reason);
      this.#mute = true;
      this.#sound = undefined;
    });
    this.#sound.begin(`audio/mp4; codecs="${codec}"`);
    this.#sound.append(initOf(this.#init, track.id));
    video.play().catch((error) => console.debug("fogcast: sound does not start yet", error));
  }

  #fragment(samples: readonly Mp4Sample[]): void {
    const sound: Mp4Sample[] = [];
    for (const sample of samples) {
      const track = this.#tracks.find((t) => t.id === sample.track);
      if (track?.kind === "audio") sound.push(sample);
      else if (track?.kind === "video") {
        const pts = sample.pts / track.timescale;
        this.#newest = Math.max(
          this.#newest - 10 > pts ? 0 : this.#newest,
          pts,
        );
        if (this.#decoder !== undefined) {
          this.#decoder.decode(sample.data, pts, sample.key);
        } else if (this.#early.length < EARLY_MOST) {
          this.#early.push([sample.data, pts, sample.key]);
        }
      }
    }
    if (sound.length > 0) {
      this.#sound?.append(fragmentOf(sound, ++this.#fragments));
    }
  }

  tick(): void {
    const { video } = this.#opening;
    const ranges = this.#sound?.ranges;
    if (ranges === undefined || ranges.length === 0) return;
    const last = ranges.length - 1;
    const start = ranges.start(last);
    if (video.currentTime < start || video.currentTime > ranges.end(last) + 1) {
      video.currentTime = start + 0.01;
    }
    const surplus = ranges.end(last) - video.currentTime - this.#keeper.needed;
    // the pictures are at the newest: the sound must not stay with what the server sent at once at the start
    if (surplus > AHEAD_MOST && !video.paused) video.currentTime += surplus;
    else if (this.#presenter.lateness > LATE && (bufferedAhead(video) ?? 9) < 2) {
      video.playbackRate = SLOWED;
    } else this.#keeper.tick();
  }

  stalled(): void {
    this.#keeper.stalled();
  }

  goLive(): void {
    this.#socket.send({ type: "seek", seek_time: "live" });
    this.#toNewest();
  }

  paused(): void {
    this.#presenter.paused = true;
    this.#socket.send({ type: "hold" });
  }

  resumed(): void {
    this.#presenter.paused = false;
    this.#socket.send({ type: "play", seek_time: "live" });
    this.#toNewest();
  }

  #toNewest(): void {
    const ranges = this.#sound?.ranges;
    if (ranges === undefined || ranges.length === 0) return;
    this.#opening.video.currentTime = Math.max(
      0,
      ranges.end(ranges.length - 1) - this.#keeper.needed,
    );
  }

  stats(): PlaybackStats {
    const presenter = this.#presenter;
    const behind = this.#newest - presenter.shown;
    return {
      time: presenter.shown,
      latency: presenter.frames === 0 ? undefined : behind,
      buffer: this.#sound === undefined ? undefined : bufferedAhead(this.#opening.video),
      rate: this.#sound === undefined ? 1 : this.#opening.video.playbackRate,
      frames: presenter.frames,
      dropped: presenter.late + (this.#decoder?.dropped ?? 0),
      bitRate: this.#bits(this.#socket.bytes),
      width: this.surface.width,
      height: this.surface.height,
      notes: {
        decoder: this.#decoder?.name ?? "loading",
        ...(this.#mute ? { sound: "cannot be played here" } : {}),
      },
    };
  }

  choices(kind: TrackKind): readonly Choice[] {
    return chosenTracks(this.#opening.info, kind, this.#chosen[kind]);
  }

  choose(kind: TrackKind, id: string): void {
    this.#chosen = { ...this.#chosen, [kind]: id };
    this.#socket.sendTracks(this.#chosen);
    this.#opening.events.choices();
  }

  close(): void {
    this.#closed = true;
    this.#socket.close();
    this.#decoder?.close();
    this.#sound?.close();
    this.#presenter.close();
    this.#opening.video.playbackRate = 1;
  }
}

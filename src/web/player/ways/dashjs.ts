import { bufferedAhead, FOR_PARTS, LatencyKeeper } from "../latency_keeper.ts";
import { loadScript } from "../load_script.ts";
import type { Choice, Opening, Playback, PlaybackStats, TrackKind } from "../playback.ts";
import { newestMillis } from "../stream_info.ts";
import { addressOf } from "./address.ts";
import { bitRateText, frameCounts } from "./readings.ts";

interface Representation {
  readonly id: string;
  readonly width?: number;
  readonly height?: number;
  readonly bitsPerSecond?: number;
  readonly bandwidth?: number;
}

interface DashTrack {
  readonly index: number;
  readonly lang?: string | null;
  readonly codec?: string;
}

/** What of dash.js is used here. */
interface DashPlayer {
  initialize(video: HTMLVideoElement, url: string, autoplay: boolean, startTime: number | undefined): void;
  updateSettings(settings: object): void;
  on(
    event: string,
    run: (event: { readonly error?: { readonly message?: string } }) => void,
  ): void;
  getCurrentLiveLatency(): number;
  getRepresentationsByType(type: string): readonly Representation[];
  getCurrentRepresentationForType(type: string): Representation | null;
  setRepresentationForTypeById(type: string, id: string, now: boolean): void;
  getTracksFor(type: string): readonly DashTrack[];
  getCurrentTrackFor(type: string): DashTrack | null;
  setCurrentTrack(track: DashTrack): void;
  getAverageThroughput(type: string): number;
  seekToOriginalLive?(): void;
  destroy(): void;
}

interface DashLibrary {
  MediaPlayer(): { create(): DashPlayer };
}

/** Seconds behind the newest that are asked for, unless the page says. */
const LATENCY = 1.5;

/** MPEG-DASH by dash.js, which is loaded now. */
export async function openDashjs(opening: Opening): Promise<Playback> {
  await loadScript(new URL("dash.js", opening.base).href);
  const { dashjs } = globalThis as unknown as { dashjs: DashLibrary };
  return new DashjsPlayback(opening, dashjs.MediaPlayer().create());
}

class DashjsPlayback implements Playback {
  readonly ownChoices = true;
  readonly #opening: Opening;
  readonly #player: DashPlayer;
  readonly #keeper: LatencyKeeper;
  #automatic = true;

  constructor(opening: Opening, player: DashPlayer) {
    const { video, events, options } = opening;
    this.#opening = opening;
    this.#player = player;
    this.#keeper = new LatencyKeeper(video, FOR_PARTS);
    this.#keeper.target = options.latency ?? LATENCY;
    const { startTime = Infinity } = options;
    this.#keeper.live = startTime * 1000 >= newestMillis(opening.info);
    player.updateSettings({
      debug: { logLevel: 0 },
      streaming: {
        delay: { liveDelay: options.latency ?? LATENCY },
        // the latency keeper does that; dash.js does it even after its end, to no element
        liveCatchup: { enabled: false },
        buffer: { bufferToKeep: 20, syntheticStallEvents: { enabled: false } },
      },
    });
    player.on(
      "error",
      (event) => events.failed(event.error?.message ?? "DASH cannot be played"),
    );
    player.on("fragmentLoadingCompleted", () => events.alive());
    player.on("manifestLoaded", () => events.alive());
    let begun = false;
    player.on("streamInitialized", () => {
      events.choices();
      // dash.js reads the manifest again once it has seen the element begin to play, which was before it looked
      if (begun || video.paused) return;
      begun = true;
      video.pause();
      video.play().catch((error) => console.debug("fogcast: does not go on", error));
    });
    // without autoplay dash.js does not read the manifest again
    player.initialize(video, addressOf(opening.url, options.tracks), true, options.startTime);
  }

  tick(): void {
    this.#keeper.tick();
  }

  stalled(): void {
    this.#keeper.stalled();
  }

  goLive(): void {
    this.#keeper.live = true;
    this.#player.seekToOriginalLive?.();
  }

  stats(): PlaybackStats {
    const { video } = this.#opening;
    const kind = video.videoWidth > 0 ? "video" : "audio";
    const representation = this.#player.getCurrentRepresentationForType(kind);
    return {
      time: video.currentTime,
      latency: this.#player.getCurrentLiveLatency(),
      buffer: bufferedAhead(video),
      rate: video.playbackRate,
      bitRate: representation === null ? undefined : bitsOf(representation),
      ...frameCounts(video),
      notes: {
        network: bitRateText(this.#player.getAverageThroughput(kind) * 1000),
      },
    };
  }

  choices(kind: TrackKind): readonly Choice[] {
    const player = this.#player;
    if (kind === "video") {
      const list = player.getRepresentationsByType("video");
      if (list.length < 2) return [];
      const now = player.getCurrentRepresentationForType("video")?.id;
      return [
        { id: "", label: "automatic", chosen: this.#automatic },
        ...list.map((r) => ({
          id: r.id,
          label: `${r.width ?? "?"}×${r.height ?? "?"} ${bitRateText(bitsOf(r))}`,
          chosen: !this.#automatic && r.id === now,
        })),
      ];
    }
    const tracks = player.getTracksFor(kind);
    if (tracks.length < 2) return [];
    const now = player.getCurrentTrackFor(kind)?.index;
    return tracks.map((t) => ({
      id: String(t.index),
      label: t.lang || t.codec || `${t.index}`,
      chosen: t.index === now,
    }));
  }

  choose(kind: TrackKind, id: string): void {
    const player = this.#player;
    if (kind === "video") {
      this.#automatic = id === "";
      player.updateSettings({
        streaming: { abr: { autoSwitchBitrate: { video: this.#automatic } } },
      });
      if (!this.#automatic) {
        player.setRepresentationForTypeById("video", id, true);
      }
    } else {
      const track = player.getTracksFor(kind).find((t) => String(t.index) === id);
      if (track !== undefined) player.setCurrentTrack(track);
    }
    this.#opening.events.choices();
  }

  close(): void {
    this.#player.destroy();
    this.#opening.video.playbackRate = 1;
  }
}

function bitsOf(representation: Representation): number {
  return representation.bitsPerSecond ?? representation.bandwidth ?? 0;
}

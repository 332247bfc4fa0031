// @ts-check
/**
 * `<fogcast-player stream="front-door">`: plays one stream over LL-HLS. hls.js is loaded when the first player that
 * needs it starts; Apple devices play HLS by themselves. Attributes: `stream`, `autoplay`, `src` (another playlist).
 */

/** More than this beyond what is needed is jumped over, less is made up by playing faster, seconds. */
const JUMP_BEHIND = 3;
const FASTER = 1.15;
/** What is kept beyond one piece, at least and at most, seconds. */
const SPARE_LEAST = 0.15;
const SPARE_MOST = 3;
/** So long without a stall, and less is kept, milliseconds. */
const CALM = 30_000;
/** Pauses before trying again after a fatal error, milliseconds; the last one repeats. */
const RETRY = [500, 1000, 2000, 4000];

/** @type {Promise<any> | undefined} */
let hlsLoading;

/** Loads hls.js from this server, once for all players of the page. */
function loadHls() {
  hlsLoading ??= new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = new URL("hls.js", import.meta.url).href;
    script.onload = () => resolve(/** @type {any} */ (globalThis).Hls);
    script.onerror = () => {
      hlsLoading = undefined;
      reject(new Error("hls.js could not be loaded"));
    };
    document.head.append(script);
  });
  return hlsLoading;
}

/**
 * Keeps playback near the end of what has arrived: plays a little faster while more is buffered than is needed, and
 * takes more as needed after each stall, less again when none comes.
 */
class LatencyKeeper {
  #video;
  /** Length of the pieces that arrive, seconds. */
  piece = 0.2;
  /** What is kept beyond one piece, seconds. */
  #spare = SPARE_LEAST;
  #stalledAt = 0;

  /** @param {HTMLVideoElement} video */
  constructor(video) {
    this.#video = video;
  }

  /** To be called when playback stalls: what was kept did not suffice. */
  stalled() {
    this.#stalledAt = performance.now();
    this.#spare = Math.min(SPARE_MOST, this.#spare * 2);
  }

  /** To be called a few times a second. */
  tick() {
    const video = this.#video;
    const ahead = this.#ahead();
    if (video.paused || ahead === undefined) return;
    if (performance.now() - this.#stalledAt > CALM) {
      this.#stalledAt = performance.now();
      this.#spare = Math.max(SPARE_LEAST, this.#spare * 0.8);
    }
    const surplus = ahead - this.piece - this.#spare;
    if (surplus > JUMP_BEHIND) video.currentTime += surplus;
    else if (surplus > 0.15) video.playbackRate = FASTER;
    else if (surplus < 0) video.playbackRate = 1;
  }

  /** Seconds buffered ahead of what is shown. */
  #ahead() {
    const { buffered, currentTime } = this.#video;
    for (let i = 0; i < buffered.length; i++) {
      if (buffered.start(i) <= currentTime && currentTime <= buffered.end(i)) return buffered.end(i) - currentTime;
    }
    return undefined;
  }
}

/** What a viewer is told of a fatal error of hls.js. @param {any} data */
function reasonOf(data) {
  const status = data.response?.code;
  if (status === 404) return "No such stream";
  if (status === 503) return "The stream is offline";
  if (data.type === "networkError" && !status) return "The server does not answer";
  return `Cannot play (${data.details})`;
}

class FogcastPlayer extends HTMLElement {
  /** @type {HTMLVideoElement} */
  video = document.createElement("video");
  /** @type {any} */
  hls = undefined;
  #say = document.createElement("p");
  #start = document.createElement("button");
  #keeper = new LatencyKeeper(this.video);
  #failures = 0;
  /** @type {number | undefined} */
  #retry = undefined;
  #playing = false;

  connectedCallback() {
    if (this.childElementCount === 0) this.#build();
    if (this.hasAttribute("autoplay")) this.play();
  }

  disconnectedCallback() {
    this.stop();
  }

  /** Address of the stream's multivariant playlist. */
  get playlist() {
    const src = this.getAttribute("src");
    if (src !== null) return src;
    const name = encodeURIComponent(this.getAttribute("stream") ?? "");
    return new URL(`hls/${name}/index.m3u8`, import.meta.url).href;
  }

  /** Seconds between the live edge and what is shown; undefined while unknown. */
  get latency() {
    return this.hls?.latency;
  }

  /** Whether it plays, or tries to. */
  get playing() {
    return this.#playing;
  }

  /** Starts or goes on. */
  play() {
    this.#playing = true;
    this.#start.hidden = true;
    this.#open().catch((error) => this.#failed(String(error.message ?? error)));
  }

  /** Ends and gives up all that was loaded. */
  stop() {
    this.#playing = false;
    clearTimeout(this.#retry);
    this.hls?.destroy();
    this.hls = undefined;
    this.video.removeAttribute("src");
    this.video.load();
    this.#start.hidden = false;
    this.#tell("");
  }

  #build() {
    const { video } = this;
    video.playsInline = true;
    video.controls = true;
    video.muted = true;
    video.setAttribute("aria-label", `Stream ${this.getAttribute("stream") ?? ""}`);
    video.addEventListener("playing", () => {
      this.#failures = 0;
      this.#tell("");
    });
    video.addEventListener("waiting", () => {
      if (video.currentTime > 0 && !video.seeking) this.#keeper.stalled();
    });
    video.addEventListener("timeupdate", () => this.hls !== undefined && this.#keeper.tick());
    video.addEventListener("error", () => {
      if (this.hls === undefined && this.#playing) this.#failed(video.error?.message ?? "cannot play");
    });
    this.#say.className = "say";
    this.#say.setAttribute("role", "status");
    this.#start.className = "start";
    this.#start.type = "button";
    this.#start.append(Object.assign(document.createElement("span"), { textContent: "▶ Play" }));
    this.#start.setAttribute("aria-label", `Play ${this.getAttribute("stream") ?? "stream"}`);
    this.#start.addEventListener("click", () => this.play());
    this.append(video, this.#start, this.#say);
  }

  async #open() {
    // A retry leaves standing why the last attempt failed.
    if (this.#failures === 0) this.#tell("Starting the stream…");
    const { video } = this;
    const native = video.canPlayType("application/vnd.apple.mpegurl") !== "" && !("MediaSource" in globalThis);
    if (native) {
      video.src = this.playlist;
      await video.play();
      return;
    }
    const Hls = await loadHls();
    if (!this.#playing) return;
    if (!Hls.isSupported()) throw new Error("This browser plays neither HLS nor Media Source Extensions");
    this.hls?.destroy();
    const hls = new Hls({
      lowLatencyMode: true,
      backBufferLength: 30,
      // The latency keeper does that, by what has arrived.
      maxLiveSyncPlaybackRate: 1,
    });
    this.hls = hls;
    hls.on(Hls.Events.ERROR, (/** @type {any} */ _event, /** @type {any} */ data) => {
      if (!data.fatal || hls !== this.hls) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#failures === 0) {
        this.#failures++;
        hls.recoverMediaError();
        return;
      }
      this.#failed(reasonOf(data));
    });
    hls.on(Hls.Events.LEVEL_LOADED, (/** @type {any} */ _event, /** @type {any} */ data) => {
      this.#keeper.piece = data.details.partTarget || data.details.targetduration;
    });
    hls.loadSource(this.playlist);
    hls.attachMedia(video);
    await video.play().catch((error) => {
      // A page may forbid starting by itself: then the viewer starts it.
      if (error.name === "NotAllowedError") this.#tell("Press play");
    });
  }

  /** @param {string} why */
  #failed(why) {
    this.hls?.destroy();
    this.hls = undefined;
    if (!this.#playing) return;
    const pause = RETRY[Math.min(this.#failures, RETRY.length - 1)];
    this.#failures++;
    this.#tell(`${why}, trying again`);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.play(), pause);
  }

  /** @param {string} text */
  #tell(text) {
    this.#say.textContent = text;
  }
}

customElements.define("fogcast-player", FogcastPlayer);

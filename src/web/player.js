// @ts-check
/**
 * `<fogcast-player stream="front-door">`: plays one stream over LL-HLS. hls.js is loaded when the first player that
 * needs it starts; Apple devices play HLS by themselves. Attributes: `stream`, `autoplay`, `src` (another playlist).
 */

/** A viewer that has fallen this far behind the wished latency jumps to the live edge, seconds; less is caught up by playing faster. */
const JUMP_BEHIND = 4;
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

class FogcastPlayer extends HTMLElement {
  /** @type {HTMLVideoElement} */
  video = document.createElement("video");
  /** @type {any} */
  hls = undefined;
  #say = document.createElement("p");
  #start = document.createElement("button");
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
    video.addEventListener("timeupdate", () => {
      const { hls } = this;
      if (hls === undefined || video.paused || !(hls.latency > hls.targetLatency + JUMP_BEHIND)) return;
      if (hls.liveSyncPosition > video.currentTime) video.currentTime = hls.liveSyncPosition;
    });
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
    this.#tell("Connecting…");
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
      // Playback speeds up a little instead of jumping while it is not far behind.
      maxLiveSyncPlaybackRate: 1.1,
    });
    this.hls = hls;
    hls.on(Hls.Events.ERROR, (/** @type {any} */ _event, /** @type {any} */ data) => {
      if (!data.fatal || hls !== this.hls) return;
      if (data.type === Hls.ErrorTypes.MEDIA_ERROR && this.#failures === 0) {
        this.#failures++;
        hls.recoverMediaError();
        return;
      }
      const status = data.response?.code;
      this.#failed(status === 404 ? "No such stream" : status === 503 ? "Stream is offline" : data.details);
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
    this.#tell(`${why}; trying again`);
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.play(), pause);
  }

  /** @param {string} text */
  #tell(text) {
    this.#say.textContent = text;
  }
}

customElements.define("fogcast-player", FogcastPlayer);

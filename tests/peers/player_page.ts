import { readFileSync } from "node:fs";

const MODULES = new URL("../../node_modules/", import.meta.url).pathname;
const SCRIPTS: Readonly<Record<string, string>> = {
  "/hls.js": `${MODULES}hls.js/dist/hls.min.js`,
  "/mpegts.js": `${MODULES}mpegts.js/dist/mpegts.js`,
  "/shaka.js": `${MODULES}shaka-player/dist/shaka-player.compiled.js`,
};

/** Each sets `failures` and `latency()`, which `playback()` of browser.ts reads. */
const PLAYERS = {
  hls: `<script src="hls.js"></script><script>
    const hls = new Hls({ lowLatencyMode: true });
    hls.on(Hls.Events.ERROR, (_, data) => failures.push((data.fatal ? "fatal " : "") + data.details));
    hls.loadSource(src);
    hls.attachMedia(video);
    latency = () => hls.latency;
  </script>`,
  mpegts: `<script src="mpegts.js"></script><script>
    mpegts.LoggingControl.enableAll = false;
    const type = src.endsWith(".flv") ? "flv" : "mpegts";
    const player = mpegts.createPlayer({ type, url: src, isLive: true, cors: true });
    player.on(mpegts.Events.ERROR, (kind, detail, info) => failures.push([kind, detail, info.msg].join(" ")));
    player.attachMediaElement(video);
    player.load();
    latency = () => video.buffered.length > 0 ? video.buffered.end(video.buffered.length - 1) - video.currentTime : undefined;
  </script>`,
  shaka: `<script src="shaka.js"></script><script type="module">
    shaka.polyfill.installAll();
    const player = new shaka.Player();
    player.addEventListener("error", (event) => failures.push("shaka " + event.detail.code));
    await player.attach(video);
    player.configure("streaming.lowLatencyMode", true);
    // shaka 5.2 looks for captions in the open segment as well, and fails because that has no address of its own
    player.configure("manifest.hls.disableClosedCaptionsDetection", true);
    latency = () => player.getStats().liveLatency;
    await player.load(src).catch((error) => failures.push("shaka " + (error.code ?? error.stack)));
  </script>`,
} as const;

const isPlayer = (name: string): name is keyof typeof PLAYERS => name in PLAYERS;

/** A web site of somebody else: another origin than the server's, with a player of its own. */
export interface PlayerSite {
  /** Page on which `player` plays an address. */
  page(player: keyof typeof PLAYERS, address: string): string;
  /** Page that embeds a stream of `server` as pages for the reference product do. */
  embed(server: string, stream: string, options: object): string;
  stop(): Promise<void>;
}

export function startPlayerSite(): PlayerSite {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch(request) {
      const { pathname, searchParams } = new URL(request.url);
      const script = SCRIPTS[pathname];
      if (script !== undefined) {
        return new Response(readFileSync(script), { headers: { "content-type": "text/javascript" } });
      }
      const embedded = searchParams.get("embed");
      if (embedded !== null) {
        return new Response(embedding(embedded, JSON.parse(searchParams.get("options") ?? "{}")), {
          headers: { "content-type": "text/html" },
        });
      }
      const player = searchParams.get("player") ?? "";
      if (!isPlayer(player)) return new Response(undefined, { status: 404 });
      const html =
        `<!doctype html><link rel="icon" href="data:,"><video muted autoplay playsinline></video><script>
        const video = document.querySelector("video");
        const src = ${JSON.stringify(searchParams.get("src"))};
        var failures = [];
        var latency = () => undefined;
        video.addEventListener("error", () => failures.push("video: " + video.error.message));
      </script>${PLAYERS[player]}`;
      return new Response(html, { headers: { "content-type": "text/html" } });
    },
  });
  return {
    page: (player, address) =>
      `http://127.0.0.1:${server.port}/?player=${player}&src=${encodeURIComponent(address)}`,
    embed: (url, stream, options) =>
      `http://127.0.0.1:${server.port}/?embed=${encodeURIComponent(url)}&options=${
        encodeURIComponent(JSON.stringify({ stream, options }))
      }`,
    stop: () => server.stop(true),
  };
}

/** The embedding code that the reference product hands out, with another host. */
function embedding(server: string, { stream, options }: { stream: string; options: object }): string {
  return `<!doctype html><link rel="icon" href="data:,"><div id="place"></div><script>
    var play = function () {
      mistPlay(${JSON.stringify(stream)}, Object.assign(${JSON.stringify(options)}, {
        target: document.getElementById("place"),
      }));
    };
    if (!window.mistplayers) {
      var script = document.createElement("script");
      script.src = ${JSON.stringify(`${server}/player.js`)};
      document.head.appendChild(script);
      script.onload = play;
    } else play();
  </script>`;
}

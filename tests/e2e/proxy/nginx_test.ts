import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { answeredText } from "../../peers/answered.ts";
import { playback, startChromium } from "../../peers/browser.ts";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type CachingNginx, readmeConfiguration, startCachingNginx } from "../../peers/nginx.ts";

const VIEWERS = 12;

/** The README's, and beside it the ways of other proxies: what Apache's mod_proxy and lighttpd's tell, and how. */
const CONFIGURATION = readmeConfiguration().replace(
  /\}\s*$/,
  `location /apache/ {
    proxy_pass http://fogcast/;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Prefix /apache;
  }
  location /lighttpd {
    proxy_pass http://fogcast; # the path stays
    proxy_set_header Forwarded 'for=$remote_addr;proto=$scheme;host="$http_host"';
    proxy_set_header X-Forwarded-Prefix /lighttpd;
  }
}`,
);
const PARTS = 3;

interface Info {
  readonly source: readonly { readonly url: string }[];
}

/** What goes over the proxy: RTSP and the like do not. */
const webUrls = ({ source }: Info) => source.map(({ url }) => url).filter((url) => /^(http|ws)s?:/.test(url));

describe("behind nginx with the README's configuration, under a path", () => {
  let camera: ClipCamera;
  let server: RunningFogcast;
  let nginx: CachingNginx;
  let base: string;
  let api: string;

  beforeAll(async () => {
    camera = await startClipCamera();
    server = await startFogcast(`streams: { cam: { source: "${camera.url("cam")}", alwaysOn: true } }\n`);
    nginx = await startCachingNginx(CONFIGURATION, server.url);
    base = `${nginx.url}/cams`;
    api = `http://${/API on (\S+?),/.exec(await server.printed(/API on \S+/))?.[1]}`;
    await until(20_000, "media", () => answeredText(`${base}/hls/cam/0/index.m3u8`));
  }, 60_000);
  afterAll(async () => {
    await nginx?.stop();
    await server?.stop();
    camera?.close();
  });

  test("many viewers of a blocked part and of a blocked playlist are one request to us", async () => {
    const folder = `${server.url}/hls/cam/0`;
    const asked: string[] = [];
    for (let n = 0; n < PARTS; n++) {
      // not the last parts of a segment: a key frame may come before them
      const [hint, msn, part] = await until(20_000, "a hint", async () => {
        const playlist = await (await fetch(`${folder}/index.m3u8`)).text();
        const found = /HINT:TYPE=PART,URI="((\d+)\.(\d+)\.m4s)"/.exec(playlist) ?? [];
        const [, hint = "", msn = "", part = ""] = found;
        return part !== "" && Number(part) < 5 ? [hint, msn, part] as const : undefined;
      });
      const paths = [
        `/cams/hls/cam/0/${hint}`,
        `/cams/hls/cam/0/index.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`,
      ];
      asked.push(...paths);
      const read = async (path: string) => {
        const answer = await fetch(nginx.url + path);
        return { status: answer.status, bytes: await answer.bytes() };
      };
      const all = await Promise.all(
        paths.flatMap((path) => Array.from({ length: VIEWERS }, () => read(path))),
      );
      expect(all.map(({ status }) => status)).toEqual(all.map(() => 200));
      const sizes = new Set(all.map(({ bytes }) => Bun.hash(bytes)));
      expect(sizes.size).toBe(paths.length);
    }
    // nginx writes its log behind the answers
    const counts = () => asked.map((path) => nginx.counts().get(path));
    await until(20_000, "all viewers in nginx's log", () => {
      const missing = counts().filter((count) => (count?.viewers ?? 0) < VIEWERS);
      if (missing.length > 0) throw new Error(JSON.stringify(counts()));
      return Promise.resolve(true);
    });
    expect(counts()).toEqual(asked.map(() => ({ upstream: 1, viewers: VIEWERS })));
  }, 60_000);

  test("whatever names an address names it as the viewer has to ask for it", async () => {
    const info = await (await fetch(`${base}/json_cam.js`)).json() as Info;
    expect(info.source.length).toBeGreaterThan(1);
    for (const url of webUrls(info)) {
      expect(url.replace(/^ws/, "http")).toStartWith(`${base}/`);
      // a WebSocket wants more than that, but there is one
      if (url.startsWith("http")) expect((await fetch(url)).status).toBe(200);
    }
    for (const file of ["index.m3u8", "0/index.m3u8"]) {
      const text = await (await fetch(`${base}/hls/cam/${file}`)).text();
      for (const [, uri = ""] of text.matchAll(/URI="([^"]+)"|^([^#\s].*)$/gm)) {
        expect(uri).not.toMatch(/^\/|:/);
      }
    }
    const socket = new WebSocket(`${base.replace("http", "ws")}/json_cam.js`);
    const message = await new Promise<string>((resolve, reject) => {
      socket.onmessage = ({ data }) => resolve(String(data));
      socket.onerror = () => reject(new Error("no WebSocket through nginx"));
    });
    socket.close();
    expect(message).toContain(`${base}/`);
  }, 40_000);

  for (const style of ["apache", "lighttpd"]) {
    test(`addresses are right behind a proxy in the way of ${style}`, async () => {
      const folder = `${nginx.url}/${style}`;
      const info = await (await fetch(`${folder}/json_cam.js`)).json() as Info;
      for (const url of webUrls(info)) expect(url.replace(/^ws/, "http")).toStartWith(`${folder}/`);
      const paths = ["/", "/streams.json", "/hls/cam/index.m3u8", "/hls/cam/0/index.m3u8"];
      const answers = await Promise.all(paths.map((path) => fetch(folder + path)));
      expect(answers.map(({ status }) => status)).toEqual(paths.map(() => 200));
    });
  }

  test(
    "sessions are those of the viewers, not of the proxy; a stranger's claims count for nothing",
    async () => {
      const read = (url: string, headers: Record<string, string>) =>
        fetch(`${url}/hls/cam/index.m3u8`, { headers });
      // nginx says that the viewer is 127.0.0.1, whatever that one says
      await read(base, { "x-forwarded-for": "203.0.113.66", "user-agent": "behind" });
      // a proxy on this machine is believed
      await read(server.url, { "x-forwarded-for": "6.6.6.6, 203.0.113.9", "user-agent": "proxied" });
      const remotes = await until(20_000, "both sessions", async () => {
        const answer = await (await fetch(`${api}/v1/sessions`)).text();
        return answer.includes("203.0.113.9") ? answer : undefined;
      });
      for (const claimed of ["203.0.113.66", "6.6.6.6"]) expect(remotes).not.toContain(claimed);
    },
    40_000,
  );

  test("the page and its player work below the path", async () => {
    const browser = await startChromium();
    try {
      const page = await browser.newPage();
      const asked: string[] = [];
      page.on("request", (request) => asked.push(request.url()));
      await page.goto(`${base}/`);
      await until(40_000, "a second of frames", async () => (await playback(page)).frames >= 25 || undefined);
      expect(asked.filter((url) => !url.startsWith(`${base}/`) && !url.startsWith("blob:"))).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 90_000);
});

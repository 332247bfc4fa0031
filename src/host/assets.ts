import { bundle } from "./bundle.ts";
import { bun, compiled, EMBEDDED_ROOT, nodeModule } from "./runtime.ts";

/** Where compile.sh lays the files out before it embeds them, under their asset names. */
export const ASSET_STAGE = "dist/build/assets";

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  aac: "audio/aac",
  css: "text/css; charset=utf-8",
  h264: "application/octet-stream",
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  json: "application/json",
  mp4: "video/mp4",
  png: "image/png",
  svg: "image/svg+xml",
  txt: "text/plain; charset=utf-8",
  wasm: "application/wasm",
  woff2: "font/woff2",
};

/** Scripts that are put together from modules: asset name, and the module that it begins with. */
const BUNDLES: Readonly<Record<string, string>> = {
  "player.js": "src/web/player/main.ts",
  "page.js": "src/web/page/main.ts",
  "hevc_worker.js": "src/web/player/hevc/worker.ts",
};

/** Files of packages that the player loads when it needs them. */
const LIBRARIES: Readonly<Record<string, string>> = {
  "hls.js": "hls.js/dist/hls.min.js",
  "dash.js": "dashjs/dist/modern/umd/dash.mediaplayer.min.js",
  "hevc_decoder.js": "@hevcjs/core/wasm/hevc-decode.js",
  "hevc_decoder.wasm": "@hevcjs/core/wasm/hevc-decode.wasm",
};

/** Licences of what is in the program, below `node_modules/`; all ask for being passed on with it. */
const LICENCES: readonly string[] = [
  "@hevcjs/core/LICENSE",
  "dashjs/LICENSE.md",
  "hls.js/LICENSE",
  "hono/LICENSE",
  "yaml/LICENSE",
];

/** Asset name to how its bytes are read. Nothing outside this table can be read, whatever a request asks for. */
type AssetTable = ReadonlyMap<string, () => Uint8Array>;
let table: AssetTable | undefined;

function assetTable(): AssetTable {
  table ??= compiled && bun !== undefined ? embeddedAssets(bun) : sourceAssets();
  return table;
}

function embeddedAssets(runtime: typeof Bun): AssetTable {
  const found = new Map<string, () => Uint8Array>();
  for (const file of runtime.embeddedFiles) {
    const path = "name" in file ? String(file.name) : "";
    if (path.startsWith(ASSET_STAGE)) {
      found.set(
        path.slice(ASSET_STAGE.length + 1),
        () => nodeModule("node:fs").readFileSync(`${EMBEDDED_ROOT}/${path}`),
      );
    }
  }
  return found;
}

/**
 * The assets in the source tree: `src/web/static/*` by name, the bundled scripts, the player's libraries, the demo clip
 * as `demo/*`.
 */
export function sourceAssets(): AssetTable {
  const { readdirSync, readFileSync } = nodeModule("node:fs");
  const { fileURLToPath } = nodeModule("node:url");
  const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url).href);
  const found = new Map<string, () => Uint8Array>();
  const add = (folder: string, prefix: string): void => {
    for (
      const entry of readdirSync(at(folder), {
        withFileTypes: true,
        recursive: true,
      })
    ) {
      if (!entry.isFile() || entry.name.endsWith(".md")) continue;
      const path = `${entry.parentPath}/${entry.name}`;
      found.set(
        prefix + path.slice(at(folder).length + 1),
        () => readFileSync(path),
      );
    }
  };
  add("src/web/static", "");
  add("src/app/demo/clip", "demo/");
  for (const [name, entry] of Object.entries(BUNDLES)) {
    found.set(name, () => bundle(at(entry), at("")));
  }
  for (const [name, path] of Object.entries(LIBRARIES)) {
    found.set(name, () => readFileSync(at(`node_modules/${path}`)));
  }
  found.set("licences.txt", () => {
    const texts = LICENCES.map((path) =>
      `${path.slice(0, path.lastIndexOf("/"))}\n\n${readFileSync(at(`node_modules/${path}`), "utf8")}`
    );
    return new TextEncoder().encode(texts.join("\n\n----\n\n"));
  });
  return found;
}

/** Names of all embedded files, sorted. */
export function listAssets(): string[] {
  return [...assetTable().keys()].sort();
}

/** An embedded file, such as `index.html`, `hls.js` or `demo/clip.h264`; undefined when there is none of that name. */
export function readAsset(name: string): Uint8Array<ArrayBuffer> | undefined {
  const read = assetTable().get(name);
  return read === undefined ? undefined : new Uint8Array(read());
}

/** The MIME type of a file, by the end of its name. */
export function contentTypeOf(name: string): string {
  return CONTENT_TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ??
    "application/octet-stream";
}

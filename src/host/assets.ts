import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bun, compiled, EMBEDDED_ROOT } from "./runtime.ts";

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
  woff2: "font/woff2",
};

/** Asset name to file. Nothing outside this table can be read, whatever a request asks for. */
let table: ReadonlyMap<string, string> | undefined;

function assetTable(): ReadonlyMap<string, string> {
  table ??= compiled && bun !== undefined ? embeddedAssets(bun) : sourceAssets();
  return table;
}

function embeddedAssets(runtime: typeof Bun): Map<string, string> {
  const found = new Map<string, string>();
  for (const file of runtime.embeddedFiles) {
    const path = "name" in file ? String(file.name) : "";
    if (path.startsWith(ASSET_STAGE)) {
      found.set(path.slice(ASSET_STAGE.length + 1), `${EMBEDDED_ROOT}/${path}`);
    }
  }
  return found;
}

/** The assets in the source tree: `src/web/*` by name, the player's library as `hls.js`, the demo clip as `demo/*`. */
export function sourceAssets(): Map<string, string> {
  const at = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url).href);
  const found = new Map<string, string>();
  const add = (folder: string, prefix: string): void => {
    for (const entry of readdirSync(at(folder), { withFileTypes: true, recursive: true })) {
      if (!entry.isFile() || entry.name.endsWith(".md")) continue;
      const path = `${entry.parentPath}/${entry.name}`;
      found.set(prefix + path.slice(at(folder).length + 1), path);
    }
  };
  add("src/web", "");
  add("src/app/demo/clip", "demo/");
  found.set("hls.js", at("node_modules/hls.js/dist/hls.min.js"));
  return found;
}

/** Names of all embedded files, sorted. */
export function listAssets(): string[] {
  return [...assetTable().keys()].sort();
}

/** An embedded file, such as `index.html`, `hls.js` or `demo/clip.h264`; undefined when there is none of that name. */
export function readAsset(name: string): Uint8Array<ArrayBuffer> | undefined {
  const path = assetTable().get(name);
  return path === undefined ? undefined : new Uint8Array(readFileSync(path));
}

/** The MIME type of a file, by the end of its name. */
export function contentTypeOf(name: string): string {
  return CONTENT_TYPES[name.slice(name.lastIndexOf(".") + 1).toLowerCase()] ?? "application/octet-stream";
}

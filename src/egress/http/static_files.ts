import {
  answerBytes,
  answerWhole,
  bodyHeaders,
  hasAlready,
  IMMUTABLE,
  refuse,
  takesGzip,
} from "./answers.ts";
import type { ReadAsset } from "../door.ts";
import { CompressibleBody } from "./gzip.ts";

const TYPES: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  mjs: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  json: "application/json",
  svg: "image/svg+xml",
  png: "image/png",
  ico: "image/x-icon",
  wasm: "application/wasm",
  txt: "text/plain; charset=utf-8",
};
const COMPRESSIBLE = /^(text\/|application\/(json|wasm)|image\/svg)/;

/** Names under which the reference product has the libraries of players, and ours. */
const ALIASES: ReadonlyMap<string, string> = new Map([["hlsjs.js", "hls.js"], ["dashjs.js", "dash.js"]]);

interface StaticFile {
  readonly body: CompressibleBody;
  readonly type: string;
  readonly etag: string;
}

/**
 * Serves the embedded files: `ETag` with 304, gzip made once, and `immutable` for addresses that carry the file's own
 * tag (`/player.js?v=TAG`), so that a page may name the exact file that it wants.
 */
export class StaticFiles {
  readonly #read: ReadAsset;
  readonly #files = new Map<string, Promise<StaticFile>>();

  constructor(read: ReadAsset) {
    this.#read = read;
  }

  /** `path` begins with `/`; a folder is its `index.html`. */
  async answer(request: Request, path: string, version: string | undefined): Promise<Response> {
    const name = path.endsWith("/") ? `${path.slice(1)}index.html` : path.slice(1);
    const file = await this.#file(ALIASES.get(name) ?? name);
    if (file === undefined) return refuse(404, "There is nothing here");
    const fixed = version !== undefined && file.etag === `"${version}"`;
    const compress = COMPRESSIBLE.test(file.type);
    const headers = bodyHeaders(file.type, fixed ? IMMUTABLE : "no-cache", {
      etag: file.etag,
      ...(compress ? { vary: "Accept-Encoding" } : {}),
    });
    if (hasAlready(request, file.etag)) return new Response(null, { status: 304, headers });
    if (compress && takesGzip(request)) {
      const zipped = await file.body.gzipped();
      return answerWhole(request.method === "HEAD", zipped, { ...headers, "content-encoding": "gzip" });
    }
    return answerBytes(request, file.body.plain, headers);
  }

  async #file(name: string): Promise<StaticFile | undefined> {
    const kept = this.#files.get(name);
    if (kept !== undefined) return await kept;
    const bytes = this.#read(name);
    if (bytes === undefined) return undefined;
    const made = makeFile(name, Uint8Array.from(bytes));
    this.#files.set(name, made);
    return await made;
  }
}

async function makeFile(name: string, bytes: Uint8Array<ArrayBuffer>): Promise<StaticFile> {
  const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  const tag = Array.from(hash.subarray(0, 8), (b) => b.toString(16).padStart(2, "0")).join("");
  const extension = name.slice(name.lastIndexOf(".") + 1).toLowerCase();
  return {
    body: new CompressibleBody(bytes),
    type: TYPES[extension] ?? "application/octet-stream",
    etag: `"${tag}"`,
  };
}

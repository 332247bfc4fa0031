import { listenAnywhere } from "./any_address.ts";
import { bun, deno } from "./runtime.ts";
import { serveBun } from "./http_bun.ts";
import { serveDeno } from "./http_deno.ts";
import type { HttpHandler, HttpOptions, HttpServer } from "./http_server.ts";

export * from "./http_server.ts";

/**
 * Serves HTTP/1.1, and HTTP/2 and HTTP/3 where TLS and the options ask for them. Rejects when the port cannot be had
 * or the certificate cannot be used.
 */
export function serveHttp(options: HttpOptions, handler: HttpHandler): Promise<HttpServer> {
  return listenAnywhere(options.hostname, (hostname) => {
    if (bun !== undefined) return serveBun(bun, { ...options, hostname }, handler);
    if (deno !== undefined) return serveDeno(deno, { ...options, hostname }, handler);
    throw new Error("No HTTP server in this runtime");
  });
}

/**
 * Bytes, also a view on shared memory, as the body of a `Response`. Bun copies them when the Response is made; Deno
 * refuses shared memory, so it gets a copy. Chunks of a stream are sent later in both: enqueue only bytes of your own.
 */
export function responseBody(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  if (bytes.buffer instanceof ArrayBuffer || bun !== undefined) return bytes as Uint8Array<ArrayBuffer>;
  return new Uint8Array(bytes);
}

/** A text body, compressed at most once however many ask for it. */
export class CompressibleBody {
  readonly plain: Uint8Array<ArrayBuffer>;
  /** The gzip form once it has been made. */
  ready: Uint8Array<ArrayBuffer> | undefined;
  #gzipped: Promise<Uint8Array<ArrayBuffer>> | undefined;

  constructor(body: string | Uint8Array<ArrayBuffer>) {
    this.plain = typeof body === "string" ? new TextEncoder().encode(body) : body;
  }

  /** The body in gzip form. */
  gzipped(): Promise<Uint8Array<ArrayBuffer>> {
    this.#gzipped ??= gzip(this.plain).then((zipped) => this.ready = zipped);
    return this.#gzipped;
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

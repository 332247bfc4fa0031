/** Page to worker. */
export type ToWorker =
  | {
    readonly type: "open";
    readonly glue: string;
    readonly wasm: string;
    readonly config: Uint8Array<ArrayBuffer>;
  }
  | {
    readonly type: "picture";
    readonly pts: number;
    readonly data: Uint8Array<ArrayBuffer>;
  }
  /** A buffer that the page has shown, to be used again. */
  | { readonly type: "spent"; readonly buffer: ArrayBuffer };

/** Worker to page. */
export type FromWorker =
  | { readonly type: "ready" }
  | {
    readonly type: "frame";
    readonly pts: number;
    readonly width: number;
    readonly height: number;
    readonly rgba: Uint8ClampedArray<ArrayBuffer>;
    /** Pictures left out so far, and milliseconds that this one took. */
    readonly dropped: number;
    readonly millis: number;
  }
  | { readonly type: "failed"; readonly reason: string };

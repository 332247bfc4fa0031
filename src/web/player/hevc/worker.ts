/**
 * A worker that decodes H.265 with the WebAssembly decoder of the package @hevcjs/core: coded pictures in, RGBA out. It
 * leaves pictures out when it is slower than the camera (backlog.ts).
 */
import { isIdr, pictureKind, readHvcC, toAnnexB } from "./annex_b.ts";
import { Backlog } from "./backlog.ts";
import { FRAME_BYTES, readPlanes, toRgba } from "./yuv.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** The decoder's module, as its C interface gives it. */
interface DecoderModule {
  readonly HEAPU8: Uint8Array;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _hevc_decoder_create(): number;
  _hevc_decoder_destroy(decoder: number): void;
  _hevc_decoder_feed(decoder: number, data: number, length: number): number;
  _hevc_decoder_drain(decoder: number, count: number): number;
  _hevc_decoder_get_drained_frame(
    decoder: number,
    index: number,
    frame: number,
  ): number;
}

interface WorkerScope {
  importScripts(url: string): void;
  postMessage(message: FromWorker, transfer?: Transferable[]): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
  HEVCDecoderModule(options: { locateFile(): string }): Promise<DecoderModule>;
}

/** Buffers that are kept for use again. */
const SPARE_MOST = 4;
/** So many faults one after the other, and the decoder is given up. */
const FAULTS_MOST = 60;

const scope = globalThis as unknown as WorkerScope;
const backlog = new Backlog();
const spare: ArrayBuffer[] = [];
/** Times of pictures that were fed and have not come out. */
let times: number[] = [];
let module: DecoderModule | undefined;
let decoder = 0;
let input = 0;
let inputSize = 0;
let frame = 0;
let parameterSets = new Uint8Array();
let lengthSize = 4;
let scheduled = false;
let faults = 0;
/** Nothing was decoded yet. */
let first = true;

scope.onmessage = ({ data }) => {
  if (data.type === "open") {
    ({ parameterSets, lengthSize } = readHvcC(data.config));
    open(data.glue, data.wasm).catch(fail);
  } else if (data.type === "spent") {
    if (spare.length < SPARE_MOST) spare.push(data.buffer);
  } else {
    backlog.push({
      pts: data.pts,
      data: data.data,
      ...pictureKind(data.data, lengthSize),
    });
    schedule();
  }
};

async function open(glue: string, wasm: string): Promise<void> {
  scope.importScripts(glue);
  module = await scope.HEVCDecoderModule({ locateFile: () => wasm });
  decoder = module._hevc_decoder_create();
  frame = module._malloc(FRAME_BYTES);
  if (decoder === 0) throw new Error("The H.265 decoder does not start");
  scope.postMessage({ type: "ready" });
  schedule();
}

function schedule(): void {
  if (scheduled || module === undefined) return;
  scheduled = true;
  // messages that have come are heard between two pictures, else the backlog would not be known
  setTimeout(work);
}

function work(): void {
  scheduled = false;
  const picture = backlog.next();
  if (picture === undefined || module === undefined) return;
  const began = performance.now();
  try {
    const units = toAnnexB(picture.data, lengthSize);
    // parameter sets before each entry: decoding may begin there after pictures were left out
    const fault = picture.entry ? feed(module, parameterSets, units) : feed(module, units);
    times.push(picture.pts);
    if (first) {
      first = false;
      // @hevcjs/core 1.4.5 forgets the order count of a CRA that begins the stream, and then finds no reference when its
      // lower bits are in their upper half: given again, it is one picture among others
      if (!isIdr(picture.data, lengthSize)) {
        feed(module, units);
        times.push(picture.pts);
      }
    }
    faults = fault === 0 ? 0 : faults + 1;
    if (faults > FAULTS_MOST) throw new Error("The pictures cannot be decoded");
    drain(module, began);
  } catch (error) {
    fail(error);
    return;
  }
  schedule();
}

function feed(m: DecoderModule, ...parts: Uint8Array[]): number {
  const length = parts.reduce((sum, p) => sum + p.length, 0);
  if (length > inputSize) {
    if (input !== 0) m._free(input);
    inputSize = length * 2;
    input = m._malloc(inputSize);
  }
  let at = input;
  for (const part of parts) {
    m.HEAPU8.set(part, at);
    at += part.length;
  }
  return m._hevc_decoder_feed(decoder, input, length);
}

/** Takes what has come out; pictures come in the order in which they are shown, so the earliest time is theirs. */
function drain(m: DecoderModule, began: number): void {
  if (m._hevc_decoder_drain(decoder, frame) !== 0) return;
  const count = new Int32Array(m.HEAPU8.buffer, frame, 1)[0] as number;
  for (let i = 0; i < count; i++) {
    if (m._hevc_decoder_get_drained_frame(decoder, i, frame) !== 0) break;
    times.sort((a, b) => a - b);
    const pts = times.shift();
    // a picture that never came out must not shift the times of all that follow
    while (times.length > 16) times.shift();
    if (pts !== undefined) send(m, pts, began);
  }
}

function send(m: DecoderModule, pts: number, began: number): void {
  const heap = m.HEAPU8.buffer;
  const planes = readPlanes(heap, frame);
  const { width, height } = planes;
  const size = width * height * 4;
  const kept = spare.pop();
  const rgba = new Uint8ClampedArray(
    kept?.byteLength === size ? kept : new ArrayBuffer(size),
  );
  toRgba(planes, rgba);
  scope.postMessage({
    type: "frame",
    pts,
    width,
    height,
    rgba,
    dropped: backlog.dropped,
    millis: performance.now() - began,
  }, [rgba.buffer]);
}

function fail(error: unknown): void {
  times = [];
  scope.postMessage({
    type: "failed",
    reason: error instanceof Error ? error.message : String(error),
  });
}

import type { DecoderEvents, PictureDecoder } from "./picture_decoder.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** The decoder in WebAssembly, in a worker of its own; all of it comes from the server. */
export async function openSoftware(
  base: string,
  config: Uint8Array<ArrayBuffer>,
  events: DecoderEvents,
): Promise<PictureDecoder> {
  const worker = await startWorker(new URL("hevc_worker.js", base).href);
  const post = (message: ToWorker, transfer: Transferable[] = []) => worker.postMessage(message, transfer);
  let dropped = 0;
  let millis = 0;
  worker.onerror = (event) => events.failed(event.message || "the decoder could not be loaded");
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    if (data.type === "failed") return events.failed(data.reason);
    if (data.type !== "frame") return;
    dropped = data.dropped;
    millis += (data.millis - millis) / 8;
    const { rgba, width, height, pts } = data;
    events.picture({
      pts,
      width,
      height,
      paint: (context) => context.putImageData(new ImageData(rgba, width, height), 0, 0),
      close: () => post({ type: "spent", buffer: rgba.buffer }, [rgba.buffer]),
    });
  };
  post({
    type: "open",
    glue: new URL("hevc_decoder.js", base).href,
    wasm: new URL("hevc_decoder.wasm", base).href,
    config,
  });
  return {
    get name() {
      return `software, ${millis.toFixed(0)} ms a picture`;
    },
    get dropped() {
      return dropped;
    },
    decode(data, pts) {
      const copy = data.slice();
      post({ type: "picture", pts, data: copy }, [copy.buffer]);
    },
    close: () => worker.terminate(),
  };
}

/** A page of another origin may not start our worker by its address, but may by its text. */
async function startWorker(url: string): Promise<Worker> {
  if (new URL(url).origin === location.origin) return new Worker(url);
  const text = await (await fetch(url)).text();
  const blob = URL.createObjectURL(
    new Blob([text], { type: "text/javascript" }),
  );
  const worker = new Worker(blob);
  setTimeout(() => URL.revokeObjectURL(blob), 10_000);
  return worker;
}

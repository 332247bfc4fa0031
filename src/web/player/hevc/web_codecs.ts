import type { DecoderEvents, PictureDecoder } from "./picture_decoder.ts";

/** So many waiting pictures, and all up to the next key frame are left out. */
const QUEUE_MOST = 30;

/** The browser's own decoder through WebCodecs; `config` is the content of `hvcC`. */
export function openWebCodecs(
  codec: string,
  config: Uint8Array<ArrayBuffer>,
  events: DecoderEvents,
): PictureDecoder {
  let closed = false;
  let dropped = 0;
  let needsKey = true;
  const decoder = new VideoDecoder({
    output(frame) {
      if (closed) return frame.close();
      events.picture({
        pts: frame.timestamp / 1e6,
        width: frame.displayWidth,
        height: frame.displayHeight,
        paint: (context) => context.drawImage(frame, 0, 0),
        close: () => frame.close(),
      });
    },
    error: (error) => !closed && events.failed(error.message),
  });
  decoder.configure({ codec, description: config, optimizeForLatency: true });
  return {
    name: "WebCodecs",
    get dropped() {
      return dropped;
    },
    decode(data, pts, key) {
      if (closed || decoder.state !== "configured") return;
      if (decoder.decodeQueueSize > QUEUE_MOST) needsKey = true;
      if (needsKey && !key) {
        dropped++;
        return;
      }
      needsKey = false;
      decoder.decode(
        new EncodedVideoChunk({
          type: key ? "key" : "delta",
          timestamp: pts * 1e6,
          data,
        }),
      );
    },
    close() {
      closed = true;
      if (decoder.state !== "closed") decoder.close();
    },
  };
}

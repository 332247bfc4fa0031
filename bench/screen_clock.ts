/** A clock drawn into pictures, so that whoever sees one knows when it was drawn: 32 black and white cells. */
export const WIDTH = 640;
export const HEIGHT = 360;
const COLUMNS = 8;
const ROWS = 4;
const TIME_BITS = 24;
const WRAP = 2 ** TIME_BITS;
const BLACK = 16;
const WHITE = 235;

/** Time and, in the low 8 bits, a check that a picture half drawn does not pass. */
function cellsOf(millis: number): number {
  const time = millis % WRAP;
  const check = (((time >>> 16) + (time >>> 8) + time) ^ 0xa5) & 0xff;
  return (time * 256 + check) >>> 0;
}

/** Draws Unix milliseconds into a picture (yuv420p, {@link WIDTH} by {@link HEIGHT}); the picture is made when none is given. */
export function drawClock(
  millis: number,
  picture = new Uint8Array((WIDTH * HEIGHT * 3) / 2).fill(128),
): Uint8Array<ArrayBuffer> {
  const cells = cellsOf(millis);
  const width = WIDTH / COLUMNS;
  for (let y = 0; y < HEIGHT; y++) {
    const row = Math.floor((y * ROWS) / HEIGHT);
    for (let column = 0; column < COLUMNS; column++) {
      const white = (cells >>> (31 - row * COLUMNS - column)) & 1;
      const at = y * WIDTH + column * width;
      picture.fill(white === 1 ? WHITE : BLACK, at, at + width);
    }
  }
  return picture;
}

/**
 * Script for a page: `watchClock(video)` reads the clock of every frame that is presented and keeps how old it was, in
 * milliseconds, in `clockAges`; `clockFaults` counts frames that it could not read.
 */
export const WATCH_CLOCK = `
globalThis.clockAges = [];
globalThis.clockFaults = 0;
globalThis.watchClock = (video) => {
  const canvas = new OffscreenCanvas(${WIDTH / 4}, ${HEIGHT / 4});
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const look = () => {
    const now = Date.now();
    video.requestVideoFrameCallback(look);
    context.drawImage(video, 0, 0, canvas.width, canvas.height);
    const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
    let cells = 0;
    for (let n = 0; n < ${COLUMNS * ROWS}; n++) {
      const x = Math.floor(((n % ${COLUMNS}) + 0.5) * canvas.width / ${COLUMNS});
      const y = Math.floor((Math.floor(n / ${COLUMNS}) + 0.5) * canvas.height / ${ROWS});
      cells = (cells * 2) + (data[(y * canvas.width + x) * 4] > 127 ? 1 : 0);
    }
    const time = Math.floor(cells / 256);
    const check = (((time >>> 16) + (time >>> 8) + time) ^ 0xa5) & 0xff;
    if (check !== cells % 256) clockFaults++;
    else clockAges.push((now - time + ${WRAP}) % ${WRAP});
  };
  video.requestVideoFrameCallback(look);
};`;

/** Inputs that a lossless encoder must hold, one second or so each, interleaved. */
export interface PcmCase {
  readonly name: string;
  readonly sampleRate: number;
  readonly channels: number;
  readonly samples: Int16Array<ArrayBuffer>;
}

/** The same noise every time: 32-bit xorshift. */
export function noise(seed: number): () => number {
  let x = seed | 1;
  return () => {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    return x;
  };
}

function fill(length: number, value: (i: number) => number): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length }, (_, i) => Math.max(-32768, Math.min(32767, Math.round(value(i)))));
}

/** ITU-T G.711: one code as a 16-bit sample. */
function expandAlawCode(code: number): number {
  const c = code ^ 0x55;
  const exponent = (c >> 4) & 7;
  const mantissa = ((c & 15) << 4) + 8;
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1);
  return c & 0x80 ? magnitude : -magnitude;
}

function expandUlawCode(code: number): number {
  const c = ~code & 0xff;
  const magnitude = (((c & 15) << 3) + 0x84) << ((c >> 4) & 7);
  return c & 0x80 ? 0x84 - magnitude : magnitude - 0x84;
}

/** A sine as a G.711 camera sends it: companded to the nearest code, then expanded. */
function companded(expand: (code: number) => number, length: number): Int16Array<ArrayBuffer> {
  const table = Array.from({ length: 256 }, (_, code) => expand(code));
  return fill(length, (i) => {
    const wanted = 9000 * Math.sin(i / 5) + 800 * Math.sin(i * 1.7);
    return table.reduce((best, v) => (Math.abs(v - wanted) < Math.abs(best - wanted) ? v : best));
  });
}

const random = noise(7);
const sine = (i: number) => 20000 * Math.sin((i * 2 * Math.PI * 440) / 48000);

export const pcmCases: readonly PcmCase[] = [
  { name: "a sine", sampleRate: 48000, channels: 1, samples: fill(48000, sine) },
  {
    name: "stereo, the channels unlike",
    sampleRate: 44100,
    channels: 2,
    samples: fill(88200, (i) => (i % 2 ? sine(i) : random() >> 20)),
  },
  { name: "silence", sampleRate: 48000, channels: 2, samples: new Int16Array(96000) },
  { name: "a constant", sampleRate: 16000, channels: 1, samples: new Int16Array(16000).fill(-32768) },
  { name: "full-scale noise", sampleRate: 48000, channels: 1, samples: fill(48000, () => random() >> 16) },
  { name: "quiet noise", sampleRate: 48000, channels: 1, samples: fill(48000, () => random() >> 28) },
  {
    name: "a full-scale square wave",
    sampleRate: 48000,
    channels: 1,
    samples: fill(48000, (i) => (Math.floor(i / 24) % 2 ? 32767 : -32768)),
  },
  {
    name: "full scale up and down with every sample, the worst for a predictor",
    sampleRate: 48000,
    channels: 1,
    samples: fill(48000, (i) => (i % 2 ? 32767 : -32768)),
  },
  {
    name: "silence with rare full-scale clicks",
    sampleRate: 48000,
    channels: 1,
    samples: fill(48000, (i) => (i % 1021 ? 0 : i % 2 ? 32767 : -32768)),
  },
  { name: "A-law of 8 kHz", sampleRate: 8000, channels: 1, samples: companded(expandAlawCode, 8000) },
  { name: "µ-law of 8 kHz", sampleRate: 8000, channels: 1, samples: companded(expandUlawCode, 8000) },
  { name: "L16 of 11 025 Hz", sampleRate: 11025, channels: 1, samples: fill(11025, sine) },
  {
    name: "eight channels of 96 kHz",
    sampleRate: 96000,
    channels: 8,
    samples: fill(8 * 9600, (i) => (i % 8) * 1000 + sine(i >> 3) / 2),
  },
];

import { runProgram } from "./run_program.ts";

/** Codecs of an address's streams, as ffprobe finds them, such as `aac`, `h264 320x180`; sorted. */
export async function probeCodecs(url: string, ms = 20_000): Promise<string[]> {
  const entries = ["-show_entries", "stream=codec_name,width,height", "-of", "json"];
  const { out, said, code } = await runProgram(ms, "ffprobe", "-v", "error", ...entries, url);
  if (code !== 0) throw new Error(`ffprobe ${url}: ${code} ${said}`);
  const { streams } = JSON.parse(out) as {
    streams: { codec_name: string; width?: number; height?: number }[];
  };
  return streams.map((s) => s.width ? `${s.codec_name} ${s.width}x${s.height}` : s.codec_name).sort();
}

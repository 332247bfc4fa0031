/** Runs GStreamer until its sinks called `video` and `audio` have had so many buffers; answers how many they had. */
export async function gstPlay(
  wanted: number,
  ...pipeline: string[]
): Promise<{ video: number; audio: number; said: string }> {
  const child = Bun.spawn(["gst-launch-1.0", "-v", ...pipeline], {
    stdout: "pipe",
    stderr: "pipe",
    stdin: "ignore",
  });
  const timer = setTimeout(() => child.kill(), 20_000);
  const had = { video: 0, audio: 0 };
  let rest = "";
  const decoder = new TextDecoder();
  for await (const chunk of child.stdout) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() as string;
    for (const line of lines) {
      if (!line.includes("last-message = chain")) continue;
      if (line.includes("GstFakeSink:video")) had.video++;
      if (line.includes("GstFakeSink:audio")) had.audio++;
    }
    if (had.video >= wanted && had.audio >= wanted) break;
  }
  child.kill();
  clearTimeout(timer);
  await child.exited;
  return { ...had, said: await new Response(child.stderr).text() };
}

/**
 * Runs in a browser's page. Appends an init segment and fragments (Base64) to a source buffer of the MIME type, plays
 * what is there at four times the speed, and tells how it went.
 *
 * @returns {Promise<{ error: string, ends: number[], ranges: number, time: number, frames: number }>} the failure or
 * an empty string, the end of what is buffered after each append in seconds, the number of buffered ranges, where
 * playing got to in seconds, and how many video frames were decoded
 */
globalThis.appendAndPlay = async (type, pieces) => {
  const video = document.createElement("video");
  document.body.replaceChildren(video);
  video.muted = true;
  const source = new MediaSource();
  const next = (target, name) =>
    new Promise((resolve) => target.addEventListener(name, resolve, { once: true }));
  const opened = next(source, "sourceopen");
  video.src = URL.createObjectURL(source);
  await opened;
  const ends = [];
  let error = "";
  let ranges = 0;
  try {
    const buffer = source.addSourceBuffer(type);
    for (const piece of pieces) {
      const done = next(buffer, "updateend");
      buffer.appendBuffer(Uint8Array.from(atob(piece), (c) => c.charCodeAt(0)));
      await done;
      if (video.error) throw new Error(video.error.message);
      ends.push(buffer.buffered.length ? buffer.buffered.end(buffer.buffered.length - 1) : 0);
    }
    ranges = buffer.buffered.length;
    source.endOfStream();
    video.playbackRate = 4;
    await video.play();
    await Promise.race([next(video, "ended"), next(video, "error"), new Promise((r) => setTimeout(r, 5000))]);
    if (video.error) throw new Error(video.error.message);
  } catch (e) {
    error = String(e);
  }
  const frames = video.getVideoPlaybackQuality().totalVideoFrames;
  return { error, ends, ranges, time: video.currentTime, frames };
};

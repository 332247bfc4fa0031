import { quoteInFailures } from "./last_words.ts";

const SCRIPT = new URL("./gst_camera.py", import.meta.url).pathname;
/** The one that Debian's python3-gi belongs to. */
const PYTHON = "/usr/bin/python3";

/** Why GStreamer's RTSP server cannot run here; undefined where it can. */
export function gstCameraMissing(): string | undefined {
  const probe = Bun.spawnSync([
    PYTHON,
    "-c",
    "import gi; gi.require_version('GstRtspServer','1.0'); from gi.repository import GstRtspServer",
  ]);
  return probe.exitCode === 0 ? undefined : "no python3-gi with gir1.2-gst-rtsp-server-1.0";
}

/** A running camera. */
export interface GstCamera {
  readonly port: number;
  readonly pid: number;
  /** `rtsp://127.0.0.1:PORT/mount`. */
  url(mount: string, credentials?: string): string;
  /** Ends it as a power cut does. */
  kill(): Promise<void>;
}

/** Starts `gst_camera.py` with further arguments; rejects when it does not get ready in 15 s. */
export function startGstCamera(...args: string[]): Promise<GstCamera> {
  return startGstCameraAt("127.0.0.1", [], ...args);
}

/** The same on another address, run by means of the command `prefix`. */
export async function startGstCameraAt(
  host: string,
  prefix: readonly string[],
  ...args: string[]
): Promise<GstCamera> {
  const command = [...prefix, PYTHON, SCRIPT, "--host", host, ...args];
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  // read all the time: a full pipe would stop the camera
  let complaints = "";
  const complained = (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of child.stderr) complaints += decoder.decode(chunk, { stream: true });
  })();
  let text = "";
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.includes("\n")) break;
  }
  clearTimeout(timer);
  const port = Number(/^ready (\d+)/.exec(text)?.[1] ?? 0);
  if (port === 0) {
    await complained;
    throw new Error(`gst_camera.py did not start: ${complaints}`);
  }
  const quiet = quoteInFailures(`gst_camera.py on port ${port}`, () => complaints);
  const scheme = args.includes("--tls-pem") ? "rtsps" : "rtsp";
  return {
    port,
    pid: child.pid,
    url: (mount, credentials = "") =>
      `${scheme}://${credentials === "" ? "" : `${credentials}@`}${host}:${port}/${mount}`,
    async kill() {
      child.kill("SIGKILL");
      await child.exited;
      quiet();
    },
  };
}

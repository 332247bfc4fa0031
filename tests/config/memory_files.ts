import type { ConfigFiles } from "../../src/config/files.ts";
import type { PushDescriptor, SourceDescriptor } from "../../src/config/option.ts";
import { loadConfig, type LoadedConfig, type LoadRequest } from "../../src/config/load.ts";

/** Files by path; folders exist where a file lies in them. */
export function memoryFiles(content: Readonly<Record<string, string>>): ConfigFiles {
  return {
    read(path, maxBytes) {
      const text = content[path];
      if (text === undefined) return Promise.reject(new Error("no such file"));
      if (text.length > maxBytes) return Promise.reject(new Error(`longer than ${maxBytes} bytes`));
      return Promise.resolve(text);
    },
    list(path) {
      const prefix = `${path}/`;
      const names = Object.keys(content).filter((p) => p.startsWith(prefix)).map((p) =>
        p.slice(prefix.length).split("/")[0] as string
      );
      return Promise.resolve(names.length === 0 ? undefined : [...new Set(names)]);
    },
  };
}

export const RTSP: SourceDescriptor = {
  name: "rtsp",
  pattern: /^rtsps?:\/\//,
  example: "rtsp://camera.local/stream",
  help: "RTSP camera",
  codecs: ["h264"],
  options: [
    {
      name: "transport",
      type: { kind: "choice", values: ["tcp", "udp", "auto"] },
      default: "auto",
      help: "RTP over TCP or UDP",
    },
    {
      name: "timeout",
      type: { kind: "duration", min: 1000, max: 60_000 },
      default: 10_000,
      help: "Patience",
    },
    { name: "token", type: { kind: "secret", maxLength: 20 }, default: undefined, help: "Secret" },
  ],
};

export const WIRE: PushDescriptor = {
  name: "wire",
  pattern: /^wire:\/\//,
  example: "wire://239.1.2.3:5000",
  refuse: (target) => target.includes(" ") ? "an address without spaces" : undefined,
  help: "Sends to nowhere",
  codecs: ["h264"],
  options: [{ name: "ttl", type: { kind: "integer", min: 0, max: 255 }, default: 16, help: "Hops" }],
};

export const FILE: SourceDescriptor = {
  name: "file",
  pattern: /^\//,
  example: "/media/clip.mp4",
  help: "File",
  codecs: ["h264"],
  options: [{ name: "loop", type: { kind: "boolean" }, default: true, help: "Again and again" }],
};

/** Loads from memory with the sources above. */
export function load(
  content: Readonly<Record<string, string>>,
  path: string | undefined,
  more: Partial<LoadRequest> = {},
): Promise<LoadedConfig> {
  return loadConfig(memoryFiles(content), { path, sources: [RTSP, FILE], environment: {}, ...more });
}

/** Loads one file named `fogcast.yaml` and answers the messages of its errors. */
export async function errorsOf(yaml: string, more: Partial<LoadRequest> = {}): Promise<string[]> {
  const loaded = await load({ "fogcast.yaml": yaml }, "fogcast.yaml", more);
  return loaded.errors.map((e) => e.message);
}

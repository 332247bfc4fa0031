import type { Log, LogLine } from "../../base/log.ts";
import type { SyslogPlace } from "../../config/syslog_place.ts";
import { printLogLine } from "./print_line.ts";
import { encodeLocalSyslog, encodeSyslog, type SyslogSender } from "./syslog_line.ts";

/** A file that lines are appended to, with rotation. */
export interface LineFile {
  write(text: string): void;
  close(): Promise<void>;
}

export interface LineFileSettings {
  readonly path: string;
  readonly maxBytes: number;
  /** Full files kept beside the one that is written. */
  readonly keep: number;
}

export interface LogOutputSettings {
  readonly file: (LineFileSettings & { readonly format: "text" | "json" }) | undefined;
  readonly syslog: SyslogPlace | undefined;
}

export interface LogOutputPorts {
  openFile(settings: LineFileSettings, failed: (why: string) => void): LineFile;
  openSyslog(place: SyslogPlace): Promise<{ send(bytes: Uint8Array): boolean; close(): void }>;
  readonly sender: SyslogSender;
  readonly log: Log;
}

interface Output {
  put(line: LogLine): void;
  close(): Promise<void>;
}

/** Where log lines go beside the standard output; may be changed at run time. */
export class LogOutputs {
  readonly #ports: LogOutputPorts;
  readonly #open = new Map<string, Output>();

  constructor(ports: LogOutputPorts) {
    this.#ports = ports;
  }

  /** Opens what is new, closes what is not wanted any more, leaves the rest alone. Never rejects: says what it cannot. */
  async set(settings: LogOutputSettings): Promise<void> {
    const { file, syslog } = settings;
    const wanted = new Map<string, () => Promise<Output>>();
    if (file !== undefined) {
      wanted.set(`file ${JSON.stringify(file)}`, () => Promise.resolve(this.#file(file)));
    }
    if (syslog !== undefined) wanted.set(`syslog ${JSON.stringify(syslog)}`, () => this.#syslog(syslog));
    for (const [key, output] of this.#open) {
      if (wanted.has(key)) continue;
      this.#open.delete(key);
      await output.close();
    }
    for (const [key, open] of wanted) {
      if (this.#open.has(key)) continue;
      try {
        this.#open.set(key, await open());
      } catch (e) {
        this.#ports.log.error(`cannot log to ${key}: ${e instanceof Error ? e.message : String(e)}`);
      }
    }
  }

  put(line: LogLine): void {
    for (const output of this.#open.values()) output.put(line);
  }

  async close(): Promise<void> {
    await this.set({ file: undefined, syslog: undefined });
  }

  #file({ format, ...settings }: NonNullable<LogOutputSettings["file"]>): Output {
    const file = this.#ports.openFile(settings, (why) => this.#ports.log.error(why));
    return {
      put: (line) => file.write(printLogLine(line, format, false)),
      close: () => file.close(),
    };
  }

  async #syslog(place: SyslogPlace): Promise<Output> {
    const socket = await this.#ports.openSyslog(place);
    const encode = place.kind === "udp" ? encodeSyslog : encodeLocalSyslog;
    return {
      put: (line) => void socket.send(encode(line, this.#ports.sender)),
      close: () => Promise.resolve(socket.close()),
    };
  }
}

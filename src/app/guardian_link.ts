import { BEAT_MILLIS } from "../guardian/hang_watch.ts";
import {
  GUARDED,
  type GuardianOrder,
  type LineStyle,
  parseTakeover,
  type ServerReport,
  TAKEOVER,
  type Takeover,
} from "../guardian/messages.ts";
import { type ParentProcess, parentProcess } from "../host/child.ts";
import { systemClock } from "../host/clock.ts";
import { env } from "../host/process.ts";
import { VERSION } from "./version.ts";

// deno-lint-ignore no-control-regex
const COLOURS = /\x1b\[\d*m/g;

/** A server's side of the channel to its guardian. */
export class GuardianLink {
  readonly takeover: Takeover | undefined;
  readonly #parent: ParentProcess;

  constructor(parent: ParentProcess, takeover: Takeover | undefined) {
    this.#parent = parent;
    this.takeover = takeover;
    this.#beat();
  }

  report(report: ServerReport): void {
    this.#parent.send(report);
  }

  /** A line of the log, kept for a crash report. */
  line(text: string): void {
    this.report({ type: "line", text: text.trimEnd().replace(COLOURS, "") });
  }

  /** How the log is printed now: the guardian's own lines follow. */
  printAs({ format, priorities }: LineStyle): void {
    this.report({ type: "log", format, priorities });
  }

  listening(): void {
    this.report({ type: "listening", version: VERSION });
  }

  onOrder(run: (order: GuardianOrder) => void): void {
    this.#parent.onMessage((message) => run(message as GuardianOrder));
  }

  /** The guardian is gone: a server alone would hold the ports against the next one. */
  onGone(run: () => void): void {
    this.#parent.onGone(run);
  }

  #beat(): void {
    this.report({ type: "beat" });
    systemClock.after(BEAT_MILLIS, () => this.#beat());
  }
}

/** The channel to the guardian that started this server; undefined when none did. */
export function openGuardianLink(): GuardianLink | undefined {
  const parent = env(GUARDED) === "1" ? parentProcess() : undefined;
  const takeover = env(TAKEOVER);
  if (parent === undefined) return undefined;
  return new GuardianLink(
    parent,
    takeover === undefined || takeover === "" ? undefined : parseTakeover(takeover),
  );
}

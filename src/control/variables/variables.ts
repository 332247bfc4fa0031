import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { VARIABLE_MAX, type VariableConfig } from "../../config/sections/variables.ts";

export interface VariablesPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** What a URL or a command answers, at least its first {@link VARIABLE_MAX} bytes. Rejects, in words, where it does not. */
  read(target: string, waitMillis: number): Promise<Uint8Array>;
}

/** A variable as it is now. */
export interface VariableRow extends VariableConfig {
  readonly name: string;
  /** When the target answered last, Unix milliseconds; 0: it has not. */
  readonly answeredAt: number;
}

interface Kept {
  readonly config: VariableConfig;
  value: string;
  answeredAt: number;
  /** The target's failure was said. */
  failing: boolean;
  cancel: () => void;
  ended: boolean;
}

/** The variables of the configuration, with the values that their targets gave last. */
export class Variables {
  readonly #ports: VariablesPorts;
  readonly #kept = new Map<string, Kept>();

  constructor(ports: VariablesPorts) {
    this.#ports = ports;
  }

  /** Takes the section `variables`; those that are as before keep their values. */
  configure(config: ReadonlyMap<string, VariableConfig>): void {
    for (const [name, kept] of this.#kept) {
      if (JSON.stringify(config.get(name)) === JSON.stringify(kept.config)) continue;
      end(kept);
      this.#kept.delete(name);
    }
    for (const [name, variable] of config) {
      if (this.#kept.has(name)) continue;
      const kept: Kept = {
        config: variable,
        value: variable.value,
        answeredAt: 0,
        failing: false,
        cancel: () => {},
        ended: false,
      };
      this.#kept.set(name, kept);
      if (variable.target !== "") void this.#ask(name, kept);
    }
  }

  values(): ReadonlyMap<string, string> {
    return new Map([...this.#kept].map(([name, { value }]) => [name, value]));
  }

  list(): readonly VariableRow[] {
    return [...this.#kept].map(([name, { config, value, answeredAt }]) => ({
      ...config,
      name,
      value,
      answeredAt,
    }));
  }

  close(): void {
    for (const kept of this.#kept.values()) end(kept);
    this.#kept.clear();
  }

  async #ask(name: string, kept: Kept): Promise<void> {
    const { clock, log } = this.#ports;
    const { target, waitMillis, intervalMillis } = kept.config;
    try {
      const answer = await this.#ports.read(target, waitMillis);
      if (kept.ended) return;
      kept.value = valueOf(answer);
      kept.answeredAt = clock.wall();
      kept.failing = false;
    } catch (failure) {
      if (kept.ended) return;
      const why = failure instanceof Error ? failure.message : String(failure);
      if (!kept.failing) log.warn(`variable ${name} stays as it is: ${why}`);
      kept.failing = true;
    }
    if (intervalMillis > 0) kept.cancel = clock.after(intervalMillis, () => void this.#ask(name, kept));
  }
}

function end(kept: Kept): void {
  kept.ended = true;
  kept.cancel();
}

/** One line without blanks at its ends: what targets print is a line. */
function valueOf(answer: Uint8Array): string {
  const text = new TextDecoder().decode(answer.subarray(0, VARIABLE_MAX));
  // deno-lint-ignore no-control-regex
  return text.replace(/\ufffd+$/, "").trim().replace(/[\x00-\x1f\x7f]+/g, " ");
}

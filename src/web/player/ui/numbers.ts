import type { PlaybackStats } from "../playback.ts";
import { bitRateText } from "../ways/readings.ts";
import { make } from "./elements.ts";

const seconds = (value: number) => value < 1 ? `${Math.round(value * 1000)} ms` : `${value.toFixed(1)} s`;

/** The statistics overlay. */
export class Numbers {
  readonly element = make("table", "numbers-box", { hidden: true });

  constructor() {
    this.element.setAttribute("aria-label", "Statistics");
  }

  show(protocol: string, stats: PlaybackStats | undefined): void {
    const {
      latency,
      buffer,
      rate,
      frames,
      dropped,
      bitRate,
      width,
      height,
      notes,
    } = stats ?? {};
    const rows: [string, string | undefined][] = [
      ["protocol", protocol],
      [
        "latency",
        latency === undefined || !Number.isFinite(latency) ? undefined : seconds(Math.max(0, latency)),
      ],
      ["buffer", buffer === undefined ? undefined : seconds(buffer)],
      [
        "speed",
        rate === undefined || rate === 1 ? undefined : `${rate.toFixed(2)}×`,
      ],
      [
        "dropped frames",
        dropped === undefined ? undefined : `${dropped} of ${frames ?? "?"}`,
      ],
      ["bit rate", bitRate === undefined ? undefined : bitRateText(bitRate)],
      ["picture", width ? `${width}×${height}` : undefined],
      ...Object.entries(notes ?? {}),
    ];
    this.element.replaceChildren(...rows.flatMap(([name, value]) => {
      if (value === undefined) return [];
      const row = make("tr", "");
      row.append(
        make("th", "", { scope: "row", textContent: name }),
        make("td", "", { textContent: value }),
      );
      return [row];
    }));
  }
}

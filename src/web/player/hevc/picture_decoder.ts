/** A decoded picture that can be painted; `close` gives its memory back. */
export interface Picture {
  /** Presentation time, seconds. */
  readonly pts: number;
  readonly width: number;
  readonly height: number;
  paint(context: CanvasRenderingContext2D): void;
  close(): void;
}

export interface DecoderEvents {
  picture(picture: Picture): void;
  failed(reason: string): void;
}

/** Coded pictures in, pictures in the order in which they are shown out. */
export interface PictureDecoder {
  /** For the overlay. */
  readonly name: string;
  /** Pictures left out since the decoder is too slow. */
  readonly dropped: number;
  /** Length-prefixed units of one picture; `pts` and `duration` in seconds. */
  decode(data: Uint8Array<ArrayBuffer>, pts: number, key: boolean): void;
  close(): void;
}

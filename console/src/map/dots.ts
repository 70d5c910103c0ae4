/** How much of each pixel around its middle a disc covers, 0 to 255. */
function discOf(radius: number): { readonly size: number; readonly cover: Uint8Array } {
  const size = Math.ceil(radius * 2) + 1;
  const middle = (size - 1) / 2;
  const cover = Uint8Array.from({ length: size * size }, (_, place) => {
    const distance = Math.hypot((place % size) - middle, Math.floor(place / size) - middle);
    return Math.min(1, Math.max(0, radius + 0.5 - distance)) * 255;
  });
  return { size, cover };
}

/** The red, green and blue of a colour such as #0f9d8f. */
const channelsOf = (colour: string): readonly [number, number, number] => {
  const number = Number.parseInt(colour.slice(1), 16);
  return [number >> 16, (number >> 8) & 255, number & 255];
};

/** Draws tens of thousands of dots pixel by pixel: a canvas takes ten times as long for as many circles. */
export class Dots {
  readonly #image: ImageData;
  readonly #radius: number;
  readonly #size: number;
  readonly #cover: Uint8Array;
  readonly #channels = new Map<string, readonly [number, number, number]>();

  /** @param radius in pixels of the device, as are `width` and `height` */
  constructor(width: number, height: number, radius: number) {
    this.#image = new ImageData(width, height);
    this.#radius = radius;
    ({ size: this.#size, cover: this.#cover } = discOf(radius));
  }

  clear(): void {
    this.#image.data.fill(0);
  }

  /** @param opacity 0 to 1 */
  draw(x: number, y: number, colour: string, opacity: number): void {
    const { data, width, height } = this.#image;
    const [left, top] = [Math.round(x - this.#size / 2), Math.round(y - this.#size / 2)];
    if (left < 0 || top < 0 || left + this.#size > width || top + this.#size > height) return;
    const channels = this.#channels.get(colour) ?? channelsOf(colour);
    this.#channels.set(colour, channels);
    for (let row = 0; row < this.#size; row++) {
      for (let column = 0; column < this.#size; column++) {
        const covered = (this.#cover[row * this.#size + column] ?? 0) * opacity;
        const place = ((top + row) * width + left + column) * 4;
        // The edge of a dot is antialiased.
        if (covered < 1 || covered < (data[place + 3] ?? 0)) continue;
        data[place] = channels[0];
        data[place + 1] = channels[1];
        data[place + 2] = channels[2];
        data[place + 3] = covered;
      }
    }
  }

  show(context: CanvasRenderingContext2D): void {
    context.putImageData(this.#image, 0, 0);
  }

  /** Whether it fits an image of this size. */
  fits(width: number, height: number, radius: number): boolean {
    return this.#image.width === width && this.#image.height === height && this.#radius === radius;
  }
}

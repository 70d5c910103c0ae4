const margin = 28;
const mostZoom = 40;

/** Which part of the plane is shown, and how large. */
export class Viewport {
  #zoom = 1;
  #pan = { x: 0, y: 0 };
  #bounds = { left: -1, top: -1, width: 2, height: 2 };

  /** Fits all of these points, alternating x and y; points left out are ignored. */
  measure(coordinates: Float32Array, isShown: (index: number) => boolean): void {
    let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
    for (let index = 0; index * 2 < coordinates.length; index++) {
      if (!isShown(index)) continue;
      const [x, y] = [coordinates[index * 2] ?? 0, coordinates[index * 2 + 1] ?? 0];
      [left, top] = [Math.min(left, x), Math.min(top, y)];
      [right, bottom] = [Math.max(right, x), Math.max(bottom, y)];
    }
    if (!Number.isFinite(left)) return;
    this.#bounds = { left, top, width: Math.max(right - left, 1e-6), height: Math.max(bottom - top, 1e-6) };
  }

  zoom(factor: number): void {
    this.#zoom = Math.min(mostZoom, Math.max(1, this.#zoom * factor));
    if (this.#zoom === 1) this.#pan = { x: 0, y: 0 };
  }

  pan(x: number, y: number): void {
    if (this.#zoom === 1) return;
    this.#pan = { x: this.#pan.x + x, y: this.#pan.y + y };
  }

  /** How a number of the plane becomes pixels, in each direction: times `scale`, plus `shift`. */
  transform(width: number, height: number): Record<"x" | "y", { readonly scale: number; readonly shift: number }> {
    const { left, top, width: across, height: down } = this.#bounds;
    const x = ((width - 2 * margin) * this.#zoom) / across;
    const y = ((height - 2 * margin) * this.#zoom) / down;
    return {
      x: { scale: x, shift: width / 2 + this.#pan.x - (left + across / 2) * x },
      y: { scale: y, shift: height / 2 + this.#pan.y - (top + down / 2) * y },
    };
  }
}

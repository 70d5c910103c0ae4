import { prefersLessMotion } from "../state/theme.ts";
import { Dots } from "./dots.ts";
import type { Legend } from "./legend.ts";
import type { PointCloud } from "./point-cloud.ts";
import { Viewport } from "./viewport.ts";

/** Milliseconds in which points move to a new place, and new ones are highlighted. */
const glide = 500;
const shine = 2_500;
/** Pixels around the pointer in which a point is found. */
const reach = 14;

export interface Picture {
  readonly legend: Legend;
  /** Ranks of hits by the id of their chunks. */
  readonly hits: ReadonlyMap<string, number>;
  readonly focused: number | undefined;
}

/** Draws the point cloud, and finds points by their place. */
export class MapCanvas {
  readonly #canvas: HTMLCanvasElement;
  readonly #cloud: PointCloud;
  readonly #observer: ResizeObserver;
  #picture: Picture | undefined;
  /** The drawn positions, while points move to their targets. */
  #drawn = new Float32Array();
  #from = new Float32Array();
  /** Where points belong, once they are there. */
  #arrived: Float32Array | undefined;
  #changedAt = 0;
  #frame: number | undefined;
  #later: ReturnType<typeof setTimeout> | undefined;
  #dots: Dots | undefined;
  readonly #viewport = new Viewport();

  constructor(canvas: HTMLCanvasElement, cloud: PointCloud) {
    this.#canvas = canvas;
    this.#cloud = cloud;
    this.#observer = new ResizeObserver(() => this.#ask());
    this.#observer.observe(canvas);
  }

  end(): void {
    this.#observer.disconnect();
    clearTimeout(this.#later);
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
  }

  /** The points have other places. */
  moved(): void {
    this.#from = this.#drawn;
    this.#changedAt = performance.now();
    this.#viewport.measure(this.#cloud.coordinates, (index) => this.#cloud.points[index] !== undefined);
    this.#ask();
  }

  show(picture: Picture): void {
    this.#picture = picture;
    this.#ask();
  }

  zoom(factor: number): void {
    this.#viewport.zoom(factor);
    this.#ask();
  }

  pan(x: number, y: number): void {
    this.#viewport.pan(x, y);
    this.#ask();
  }

  /** The point nearest to a place on the canvas, if one is near. */
  at(x: number, y: number): number | undefined {
    return this.#nearest(x, y, (distance) => (distance < reach ? distance : undefined));
  }

  /** The next point from this one, roughly in a direction; without a current point, the one in the middle. */
  next(index: number | undefined, dx: number, dy: number): number | undefined {
    const { clientWidth, clientHeight } = this.#canvas;
    if (index === undefined) return this.#nearest(clientWidth / 2, clientHeight / 2, (distance) => distance);
    const [x, y] = this.#place(index);
    return this.#nearest(x, y, (distance, toX, toY) => {
      const along = toX * dx + toY * dy;
      return along > 0.5 && along >= distance * 0.6 ? distance * (2 - along / distance) : undefined;
    });
  }

  #nearest(
    x: number,
    y: number,
    cost: (distance: number, dx: number, dy: number) => number | undefined,
  ): number | undefined {
    let best: number | undefined;
    let least = Number.POSITIVE_INFINITY;
    const { clientWidth, clientHeight } = this.#canvas;
    const { x: across, y: down } = this.#viewport.transform(clientWidth, clientHeight);
    for (let index = 0; index * 2 < this.#drawn.length; index++) {
      if (this.#cloud.points[index] === undefined) continue;
      const dx = (this.#drawn[index * 2] ?? 0) * across.scale + across.shift - x;
      const dy = (this.#drawn[index * 2 + 1] ?? 0) * down.scale + down.shift - y;
      const value = cost(Math.hypot(dx, dy), dx, dy);
      if (value === undefined || value >= least) continue;
      least = value;
      best = index;
    }
    return best;
  }

  /** Pixels of the canvas. */
  #place(index: number): readonly [number, number] {
    const { x, y } = this.#viewport.transform(this.#canvas.clientWidth, this.#canvas.clientHeight);
    return [(this.#drawn[index * 2] ?? 0) * x.scale + x.shift, (this.#drawn[index * 2 + 1] ?? 0) * y.scale + y.shift];
  }

  #ask(): void {
    this.#frame ??= requestAnimationFrame((now) => {
      this.#frame = undefined;
      this.#draw(now);
    });
  }

  /** The progress of the animation, 0 to 1. */
  #advance(now: number): number {
    const part = prefersLessMotion.matches ? 1 : Math.min(1, Math.max(0, (now - this.#changedAt) / glide));
    const eased = 1 - (1 - part) ** 3;
    const { coordinates } = this.#cloud;
    // Nothing moves, and nothing was added since the last frame.
    if (part === 1 && this.#arrived === coordinates) return part;
    this.#arrived = part === 1 ? coordinates : undefined;
    const from = this.#from;
    this.#drawn = coordinates.map((to, index) =>
      index < from.length ? (from[index] ?? to) + (to - (from[index] ?? to)) * eased : to,
    );
    return part;
  }

  #draw(now: number): void {
    const context = this.#canvas.getContext("2d");
    const picture = this.#picture;
    if (context === null || picture === undefined) return;
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    if (width === 0 || height === 0) return;
    const ratio = devicePixelRatio;
    if (this.#canvas.width !== Math.round(width * ratio)) this.#canvas.width = Math.round(width * ratio);
    if (this.#canvas.height !== Math.round(height * ratio)) this.#canvas.height = Math.round(height * ratio);
    const part = this.#advance(now);
    const { size } = this.#cloud;
    const radius = size > 5_000 ? 1.6 : size > 800 ? 2.6 : 4.5;
    const ink = getComputedStyle(this.#canvas).color;
    const shining = this.#drawDots(context, picture, radius * ratio, now);
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.#ring(context, shining, now);
    context.globalAlpha = 1;
    this.#drawHits(context, picture, radius, ink);
    if (picture.focused !== undefined) {
      const [x, y] = this.#place(picture.focused);
      context.strokeStyle = ink;
      context.lineWidth = 2;
      context.beginPath();
      context.arc(x, y, radius + 7, 0, 2 * Math.PI);
      context.stroke();
    }
    if (part < 1 || (shining.length > 0 && !prefersLessMotion.matches)) this.#ask();
    else if (shining.length > 0) this.#later ??= setTimeout(() => this.#fade(), shine);
  }

  /** All points that are no hits, in device pixels. Returns the new ones. */
  #drawDots(context: CanvasRenderingContext2D, { hits, legend }: Picture, radius: number, now: number): number[] {
    const { width, height, clientWidth, clientHeight } = this.#canvas;
    const { x: across, y: down } = this.#viewport.transform(clientWidth, clientHeight);
    const ratio = devicePixelRatio;
    const opacity = hits.size > 0 ? 0.28 : 0.85;
    const shining: number[] = [];
    const drawn = this.#drawn;
    if (this.#dots?.fits(width, height, radius) !== true) this.#dots = new Dots(width, height, radius);
    const dots = this.#dots;
    dots.clear();
    this.#cloud.points.forEach((point, index) => {
      if (point === undefined || index * 2 >= drawn.length || hits.has(point.chunkId)) return;
      if (point.since > 0 && now - point.since < shine) shining.push(index);
      const x = (drawn[index * 2] ?? 0) * across.scale + across.shift;
      const y = (drawn[index * 2 + 1] ?? 0) * down.scale + down.shift;
      dots.draw(x * ratio, y * ratio, legend.colourOf(point), opacity);
    });
    dots.show(context);
    return shining;
  }

  /** Without motion, the rings are there and then they are not. */
  #fade(): void {
    this.#later = undefined;
    this.#ask();
  }

  /** New points send a ring out. */
  #ring(context: CanvasRenderingContext2D, shining: readonly number[], now: number): void {
    context.lineWidth = 2;
    for (const index of shining) {
      const point = this.#cloud.points[index];
      if (point === undefined || this.#picture === undefined) continue;
      const age = prefersLessMotion.matches ? 0.3 : (now - point.since) / shine;
      const [x, y] = this.#place(index);
      context.globalAlpha = Math.max(0, 1 - age);
      context.strokeStyle = this.#picture.legend.colourOf(point);
      context.beginPath();
      context.arc(x, y, 6 + age * 22, 0, 2 * Math.PI);
      context.stroke();
    }
  }

  #drawHits(context: CanvasRenderingContext2D, { hits, legend }: Picture, radius: number, ink: string): void {
    context.font = "600 11px system-ui, sans-serif";
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const [chunkId, rank] of [...hits].toReversed()) {
      const index = this.#cloud.indexes.get(chunkId);
      const point = index === undefined ? undefined : this.#cloud.points[index];
      if (index === undefined || point === undefined || index * 2 >= this.#drawn.length) continue;
      const [x, y] = this.#place(index);
      context.fillStyle = legend.colourOf(point);
      context.strokeStyle = ink;
      context.lineWidth = 1.5;
      context.beginPath();
      context.arc(x, y, Math.max(9, radius + 4), 0, 2 * Math.PI);
      context.fill();
      context.stroke();
      context.fillStyle = "#0b0d10";
      context.fillText(String(rank), x, y + 0.5);
    }
  }
}

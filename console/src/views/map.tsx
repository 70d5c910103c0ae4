import { useSignal, useSignalEffect } from "@preact/signals";
import { ArrwClientError, type LibraryHandle } from "arrwdb-client";
import { useEffect, useMemo, useRef } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { useSearch } from "../components/search-as-you-type.ts";
import { count, plural } from "../format.ts";
import { fieldsOf, type Legend, legendOf } from "../map/legend.ts";
import { MapCanvas } from "../map/map-canvas.ts";
import type { MapPoint } from "../map/map-points.ts";
import { PointCloud } from "../map/point-cloud.ts";
import { addressOf } from "../state/route.ts";
import { hasWordsOnly, watchedLibrary } from "../state/libraries.ts";
import { pause } from "../state/pause.ts";
import { isAbort, noteError } from "../state/server.ts";
import { isDark } from "../state/theme.ts";

const shownHits = 12;
/** Milliseconds after which a map that could not be read, or followed, is read again. */
const retryDelay = 3_000;
const directions: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
};
const zooms: Readonly<Record<string, number>> = { "+": 1.4, "=": 1.4, "-": 1 / 1.4, "0": 0 };

/** The chunks of a library on a plane: similar ones are near. */
export function MapView({ handle }: { readonly handle: LibraryHandle }) {
  const error = useSignal("");
  const attempt = useSignal(0);
  const running = useMemo(() => {
    const controller = new AbortController();
    return { controller, cloud: new PointCloud(handle, controller.signal) };
  }, [handle, attempt.value]);
  const { cloud } = running;
  useEffect(() => {
    const { signal } = running.controller;
    const follow = async () => {
      try {
        await cloud.follow();
      } catch (problem) {
        if (signal.aborted || isAbort(problem)) return;
        error.value = noteError(problem);
        // Events that old are no longer retained, so the library is read again.
        const again = problem instanceof ArrwClientError && (problem.retryable || problem.earliestSeq !== undefined);
        if (!again) return;
        await pause(retryDelay, signal).then(
          () => (attempt.value += 1),
          () => undefined,
        );
      }
    };
    error.value = "";
    void follow();
    return () => running.controller.abort();
  }, [running]);
  return (
    <>
      <Alert text={error.value} />
      <Chart handle={handle} cloud={cloud} />
    </>
  );
}

function Chart({ handle, cloud }: { readonly handle: LibraryHandle; readonly cloud: PointCloud }) {
  const text = useSignal("");
  const field = useSignal("");
  const focused = useSignal<number | undefined>(undefined);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<MapCanvas | undefined>(undefined);
  const mode = hasWordsOnly(handle.id) ? "text" : "vector";
  const light = mode === "text" ? "Highlight chunks with these words" : "Highlight chunks similar in meaning";
  const request = { query: text.value, k: shownHits, mode } as const;
  const { answer, error } = useSearch(
    handle,
    text.value.trim() === "" ? undefined : { request, also: [], live: false },
  );
  const all = watchedLibrary(handle.id)?.library.num_chunks;
  const version = cloud.version.value;
  const points = useMemo(() => cloud.points.filter((point): point is MapPoint => point !== undefined), [version]);
  const fields = useMemo(() => fieldsOf(points), [version]);
  const colouredBy = fields.includes(field.value) ? field.value : (fields[0] ?? "");
  const legends = useRef(new Map<string, Legend>());
  const legend = useMemo(() => {
    const next = legendOf(points, colouredBy, legends.current.get(colouredBy));
    legends.current.set(colouredBy, next);
    return next;
  }, [version, colouredBy]);
  const hits = new Map(answer.value?.results.map((hit) => [hit.chunk_id, hit.rank]));
  const point = focused.value === undefined ? undefined : cloud.points[focused.value];

  useEffect(() => {
    if (canvas.current === null) return undefined;
    const own = new MapCanvas(canvas.current, cloud);
    drawing.current = own;
    return () => own.end();
  }, [cloud]);
  useSignalEffect(() => {
    void cloud.version.value;
    drawing.current?.moved();
  });
  // Each time, as it is only done when the browser draws the next picture; other colours are another picture.
  void isDark.value;
  useEffect(() => drawing.current?.show({ legend, hits, focused: focused.value }));

  const press = (event: KeyboardEvent) => {
    const direction = directions[event.key];
    const zoom = zooms[event.key];
    if (direction !== undefined) focused.value = drawing.current?.next(focused.value, ...direction) ?? focused.value;
    else if (zoom !== undefined) drawing.current?.zoom(zoom);
    else return;
    event.preventDefault();
  };
  const move = (event: PointerEvent) => {
    if (event.buttons === 1) drawing.current?.pan(event.movementX, event.movementY);
    else focused.value = drawing.current?.at(event.offsetX, event.offsetY);
  };

  return (
    <div class="map">
      <form role="search" class="bar" onSubmit={(event) => event.preventDefault()}>
        <input
          class="query"
          type="search"
          aria-label={light}
          placeholder={light}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        <label>
          Colour by
          <select value={colouredBy} onChange={({ currentTarget }) => (field.value = currentTarget.value)}>
            {fields.map((one) => (
              <option key={one}>{one}</option>
            ))}
          </select>
        </label>
      </form>
      <Alert text={error.value} />
      <canvas
        ref={canvas}
        tabIndex={0}
        role="application"
        aria-label={`Map of ${plural(cloud.size, "chunk")}; arrow keys move between chunks, plus and minus zoom`}
        aria-describedby="map-point"
        onKeyDown={press}
        onPointerMove={move}
        onWheel={(event) => {
          event.preventDefault();
          drawing.current?.zoom(event.deltaY < 0 ? 1.15 : 1 / 1.15);
        }}
      />
      <div class="legend">
        <ul aria-label={`Colours by ${colouredBy}`}>
          {legend.entries.map(({ value, colour, count: many }) => (
            <li key={value}>
              <svg viewBox="0 0 10 10" aria-hidden="true">
                <circle cx="5" cy="5" r="4" fill={colour} />
              </svg>
              {value} <span class="number">{count(many)}</span>
            </li>
          ))}
        </ul>
        <p class="facts" role="status">
          {cloud.loading.value ? "Loading… " : ""}
          {plural(cloud.size, "chunk")}
          {cloud.cut.value && ` of ${all === undefined ? "more" : count(all)}: the first added, and new ones`}
        </p>
      </div>
      <div id="map-point" class="point" aria-live="polite">
        {point === undefined ? (
          <p class="hint">Hover over a chunk, or use the arrow keys, to read it.</p>
        ) : (
          <>
            <h2>
              <a href={addressOf.document(handle.id, point.documentId)}>{point.title}</a>
            </h2>
            <p>{point.text}</p>
          </>
        )}
      </div>
    </div>
  );
}

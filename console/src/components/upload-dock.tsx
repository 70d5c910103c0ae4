import { count, perSecond, plural } from "../format.ts";
import { addressOf } from "../state/route.ts";
import { stopUpload, type Upload, uploads } from "../state/uploads.ts";
import { Icon } from "./icon.tsx";

/** How far an upload is, and how fast. */
export function UploadProgress({ upload }: { readonly upload: Upload }) {
  const { key, name, size, done, stored, chunks, failed, state, startedAt, endedAt } = upload;
  const seconds = ((endedAt ?? performance.now()) - startedAt) / 1_000;
  const share = size === 0 ? 1 : done / size;
  return (
    <div class={`upload ${state}`}>
      <p>
        <b>{name}</b>
        <span>
          {plural(stored, "document")} stored, {plural(chunks, "chunk")}
          {failed > 0 && <em>, {count(failed)} failed</em>}
        </span>
        <span class="number">{seconds > 0 ? perSecond(stored / seconds) : ""}</span>
        {state === "running" && (
          <button type="button" class="quiet" aria-label={`Stop adding ${name}`} onClick={() => stopUpload(key)}>
            <Icon name="close" />
          </button>
        )}
      </p>
      <progress max={1} value={state === "running" ? share : 1} aria-label={`${name}: ${Math.round(share * 100)} %`} />
    </div>
  );
}

/** Uploads in progress, visible in every view. */
export function UploadDock({ libraryId }: { readonly libraryId: string }) {
  const running = uploads.value.filter((upload) => upload.libraryId === libraryId && upload.state === "running");
  if (running.length === 0) return null;
  return (
    <aside class="dock" aria-label="Uploads">
      {running.map((upload) => (
        <UploadProgress key={upload.key} upload={upload} />
      ))}
      <a href={addressOf.library(libraryId, "add")}>Receipts</a>
    </aside>
  );
}

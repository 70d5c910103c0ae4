import { useSignal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { addressOf, type Item } from "../state/route.ts";
import { isAbort, noteError } from "../state/server.ts";
import { Icon } from "./icon.tsx";

/** What hits are to be like, by the address. */
export interface LikeItem {
  readonly documentId: string;
  /** Undefined for the whole document. */
  readonly chunkId: string | undefined;
}

export function likeOf([kind, documentId, chunkId]: Item): LikeItem | undefined {
  if (documentId === undefined || documentId === "") return undefined;
  if (kind === "document") return { documentId, chunkId: undefined };
  return kind === "passage" && chunkId !== undefined && chunkId !== "" ? { documentId, chunkId } : undefined;
}

interface SimilarToProps {
  readonly handle: LibraryHandle;
  readonly like: LikeItem;
}

/** What the hits are similar to, with the way back. */
export function SimilarTo({ handle, like: { documentId, chunkId } }: SimilarToProps) {
  const title = useSignal(documentId);
  useEffect(() => {
    const controller = new AbortController();
    title.value = documentId;
    const look = async () => {
      try {
        const { documents } = await handle.documentPage({ ids: [documentId], signal: controller.signal });
        title.value = documents[0]?.title ?? documentId;
      } catch (problem) {
        if (!controller.signal.aborted && !isAbort(problem)) noteError(problem);
      }
    };
    void look();
    return () => controller.abort();
  }, [handle, documentId]);
  return (
    <p class="chip similar">
      <span>
        Similar to {chunkId === undefined ? "the document" : "a passage of"}{" "}
        <a href={addressOf.document(handle.id, documentId)}>{title.value}</a>
      </span>
      <a class="end" href={addressOf.library(handle.id)} aria-label="Search for something else">
        <Icon name="close" />
      </a>
    </p>
  );
}

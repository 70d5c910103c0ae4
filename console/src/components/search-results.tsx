import type { HitGroup, LibraryHandle, RankedHit } from "arrwdb-client";
import { count, milliseconds, plural } from "../format.ts";
import { valueText } from "../narrowing.ts";
import { addressOf } from "../state/route.ts";
import { useExpiries } from "./expiries.ts";
import { Hit } from "./hit.tsx";
import type { Answer } from "./search-as-you-type.ts";

interface SearchResultsProps {
  readonly handle: LibraryHandle;
  readonly answer: Answer;
  /** The field of the groups, if there are any. */
  readonly field: string;
  readonly busy: boolean;
}

/** What was found, and how; hits by themselves, or in groups. */
export function SearchResults({ handle, answer, field, busy }: SearchResultsProps) {
  const { results, groups, total, exact, seq, timing, query } = answer;
  const expiries = useExpiries(handle, results);
  const list = (hits: readonly RankedHit[]) => (
    <ol class="hits">
      {hits.map((hit) => (
        <li key={hit.chunk_id}>
          <Hit hit={hit} query={query} libraryId={handle.id} expiresAt={expiries.get(hit.document_id)} />
        </li>
      ))}
    </ol>
  );
  const found = groups === undefined ? "" : `${plural(groups.length, "group")} with `;
  return (
    <div class={busy ? "results busy" : "results"} aria-busy={busy}>
      <h2 class="unseen">Hits</h2>
      <p class="facts">
        <b>
          {found}
          {plural(total, "hit")}
        </b>{" "}
        {timing === undefined
          ? "updating live"
          : `in ${milliseconds(timing.took)}, ${milliseconds(timing.roundTrip)} round trip`}{" "}
        · {exact ? "exact" : "approximate"} · position {count(seq)}
      </p>
      {total === 0 && <p class="hint">No results. Relax the filter or increase the maximum distance.</p>}
      {groups === undefined
        ? list(results)
        : groups.map((group) => (
            <section key={keyOf(group)} class="group" aria-label={`${field}: ${valueText(group.value)}`}>
              <GroupTitle libraryId={handle.id} field={field} group={group} />
              {list(group.results)}
            </section>
          ))}
    </div>
  );
}

const keyOf = ({ value }: HitGroup) => `${typeof value} ${String(value)}`;

interface GroupTitleProps {
  readonly libraryId: string;
  readonly field: string;
  readonly group: HitGroup;
}

function GroupTitle({ libraryId, field, group: { value, results } }: GroupTitleProps) {
  const first = results[0];
  return (
    <p class="group-title">
      {field === "document_id" && first !== undefined ? (
        <a class="name" href={addressOf.document(libraryId, first.document_id)}>
          {first.document.title}
        </a>
      ) : (
        <span class="name">
          <span class="hint">{field}</span> {valueText(value)}
        </span>
      )}
      <span class="number">{plural(results.length, "hit")}</span>
    </p>
  );
}

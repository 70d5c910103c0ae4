import type { LibraryStatistics } from "arrwdb-client";
import { type Column, Table } from "../components/table.tsx";
import { bytes, count } from "../format.ts";
import { libraries } from "../state/libraries.ts";

type MeasuredRecall = NonNullable<LibraryStatistics["recall"]>;

const columns: readonly Column[] = [
  { title: "Library" },
  { title: "Index" },
  { title: "Indexed chunks", number: true },
  { title: "Pending", number: true },
  { title: "Memory", number: true },
  { title: "Searches", number: true },
  { title: "Recall", number: true },
];

/** The index of each library. */
export function Indexes({ statistics }: { readonly statistics: readonly LibraryStatistics[] }) {
  const names = new Map((libraries.value ?? []).map(({ library }) => [library.id, library.name]));
  if (statistics.length === 0) return null;
  return (
    <Table label="Indexes" columns={columns}>
      {statistics.map(({ library_id, index, searches, recall }) => (
        <tr key={library_id}>
          <th scope="row">{names.get(library_id) ?? library_id}</th>
          <td>
            {index.kind ?? "not in memory"}
            {index.rebuilding && ", rebuilding"}
          </td>
          <td class="number">{count(index.chunks)}</td>
          <td class="number">{count(index.pending)}</td>
          <td class="number">{bytes(index.memory_bytes + index.metadata_memory_bytes)}</td>
          <td class="number">{count(searches.total)}</td>
          <td class="number" title={recall === null ? undefined : sampledIn(recall)}>
            {recall === null ? "–" : recall.mean.toFixed(3)}
          </td>
        </tr>
      ))}
    </Table>
  );
}

const sampledIn = ({ samples, chunks, newest }: MeasuredRecall): string =>
  `${count(samples)} samples, the latest on ${new Date(newest).toLocaleString()} with ${count(chunks)} chunks`;

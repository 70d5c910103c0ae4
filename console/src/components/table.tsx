import type { ComponentChildren } from "preact";

export interface Column {
  readonly title: string;
  /** Whether its cells are numbers, at the right. */
  readonly number?: boolean;
  /** Whether the title is for readers of the screen alone. */
  readonly unseen?: boolean;
}

interface TableProps {
  readonly label: string;
  readonly columns: readonly Column[];
  /** Its rows. */
  readonly children: ComponentChildren;
}

/** A table that can be wider than the page, and is then moved by the keyboard too. */
export function Table({ label, columns, children }: TableProps) {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            {columns.map(({ title, number = false, unseen = false }) => (
              <th key={title} scope="col" class={number ? "number" : undefined}>
                {unseen ? <span class="unseen">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

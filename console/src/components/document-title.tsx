import type { ComponentChildren } from "preact";

interface DocumentTitleProps {
  readonly generated: boolean;
  readonly children: ComponentChildren;
}

/** A title, which looks different if the server made it of the text. */
export function DocumentTitle({ generated, children }: DocumentTitleProps) {
  if (!generated) return <span class="doc-title">{children}</span>;
  return (
    <span class="doc-title generated" title="Untitled; this is the beginning of its text">
      {children}
      <span class="unseen"> (title made from the text)</span>
    </span>
  );
}

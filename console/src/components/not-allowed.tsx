interface NotAllowedProps {
  readonly reason: string | undefined;
  readonly id?: string;
  /** Whether it is for readers of the screen alone, as it stands elsewhere on the page. */
  readonly unseen?: boolean;
}

/** What the key does not allow, said where it would be done. */
export function NotAllowed({ reason, id, unseen = false }: NotAllowedProps) {
  if (reason === undefined) return null;
  return (
    <p class={unseen ? "unseen" : "not-allowed"} id={id}>
      {reason}
    </p>
  );
}

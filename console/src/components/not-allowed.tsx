/** What the key does not allow, said where it would be done. */
export function NotAllowed({ reason, id }: { readonly reason: string | undefined; readonly id?: string }) {
  if (reason === undefined) return null;
  return (
    <p class="not-allowed" id={id}>
      {reason}
    </p>
  );
}

/** An error, announced at once. */
export function Alert({ text }: { readonly text: string | undefined }) {
  if (text === undefined || text === "") return null;
  return (
    <p class="alert" role="alert">
      {text}
    </p>
  );
}

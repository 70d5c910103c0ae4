import { expect, it } from "vitest";
import { DocumentExpiry } from "./document-expiry.ts";

const past = new Date(Date.now() - 1_000).toISOString();
const future = new Date(Date.now() + 3_600_000).toISOString();

/** An expiry of which the deletion of expired documents ends only when told to. */
function begin() {
  const ended = Promise.withResolvers<boolean>();
  const expiry = new DocumentExpiry({
    expire: () => ended.promise,
    onError: (error) => {
      throw error;
    },
  });
  expiry.next("library", Date.parse(past));
  const end = () => {
    expiry.next("library", null);
    ended.resolve(false);
  };
  return { expiry, end };
}

const shown = (documents: readonly { readonly expires_at: string | null }[]) => documents;

it("lets reads of single documents wait only if one of these has expired", async () => {
  const { expiry, end } = begin();
  const living = [{ expires_at: null }, { expires_at: future }];
  expect(await expiry.readSome("library", async () => living, shown)).toBe(living);
  let reads = 0;
  let gone = false;
  const reading = expiry.readSome(
    "library",
    async () => {
      reads++;
      return gone ? [] : [...living, { expires_at: past }];
    },
    shown,
  );
  await Promise.resolve();
  gone = true;
  const other = expiry.read("library", async () => "waited");
  end();
  expect([await reading, await other]).toEqual([[], "waited"]);
  expect(reads).toBeGreaterThan(0);
  expiry.close();
});

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createVectorLibrary, startServer, type TestServer } from "../support/server/test-server.ts";
import { resultsOf, uploadTo, uploadUrl } from "../support/peers/upload.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.stop());

/** As it is written in JSON, by Python for the last but one. */
const names = [String.raw`f\\`, String.raw`f\n`, String.raw`f\"`, String.raw`f\u00e9`, "fé", "f"];

describe("Names of metadata", () => {
  it("are what each client wrote, whatever others have called theirs", async () => {
    const { id } = await createVectorLibrary(server.url, 2);
    const lines = names.map(
      (name, number) =>
        `{"title":"${number}","chunks":[{"text":"x","embedding":[1,0]}],"metadata":{"x":1,"${name}":${number}}}`,
    );
    await resultsOf(uploadTo(uploadUrl(server.url, id), lines.join("\n")));

    for (const [number, name] of names.entries()) {
      const response = await fetch(`${server.url}/v1/libraries/${id}/search`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: `{"embedding":[1,0],"k":10,"metadata_filter":{"x":1,"${name}":{"$exists":true}}}`,
      });
      const text = await response.text();
      const found = [...text.matchAll(/"metadata":(\{"x":1,[^}]*\})/g)].map(([, metadata]) => metadata);
      // The name with the letter is the same however it was escaped.
      const written = names.flatMap((other, place) =>
        other === name || (/é|u00e9/.test(other) && /é|u00e9/.test(name))
          ? [`{"x":1,"${other.replace(String.raw`\u00e9`, "é")}":${place}}`]
          : [],
      );
      expect({ number, found: new Set(found) }).toEqual({ number, found: new Set(written) });
    }
  });
});

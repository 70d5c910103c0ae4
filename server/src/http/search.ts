import { searchQuery, searchRequest } from "@arrwdb/protocol/search";
import { validate } from "@arrwdb/protocol/validation";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { wantsNdjson } from "./content.ts";
import type { HttpContext } from "./context.ts";
import { libraryIdOf } from "./parameters.ts";
import { requestSignal } from "./request-signal.ts";

/** `POST .../search/stream` and `POST .../search`, which are the same. */
export function searchRoutes(app: FastifyInstance, { services: { searches } }: HttpContext): void {
  const search = async (request: FastifyRequest, reply: FastifyReply) => {
    const libraryId = libraryIdOf(request);
    const { explain } = validate(searchQuery, request.query);
    const query = validate(searchRequest, request.body);
    const { response, resultsJson } = await searches.search(
      libraryId,
      {
        mode: query.mode,
        text: query.query,
        embedding: query.embedding,
        vectorWeight: query.vector_weight,
        k: query.k,
        maxDistance: query.distance_threshold,
        filter: query.metadata_filter,
        minSeq: query.min_seq,
        exact: query.exact,
        explain,
      },
      requestSignal(reply),
    );
    const { total, seq, took_ms, exact, explanation } = response;
    const summary = { total, seq, took_ms, exact, explanation };
    if (wantsNdjson(request)) {
      const lines = [...response.results, { summary }].map((line) => `${JSON.stringify(line)}\n`);
      return reply.type("application/x-ndjson").send(lines.join(""));
    }
    // The hits are JSON already; what stands behind them is not empty.
    const json = `{"results":${resultsJson},${JSON.stringify(summary).slice(1)}`;
    return reply.type("application/json; charset=utf-8").send(json);
  };
  app.post("/v1/libraries/:library_id/search/stream", search);
  app.post("/v1/libraries/:library_id/search", search);
}

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
    const response = await searches.search(
      libraryId,
      {
        text: query.query,
        embedding: query.embedding,
        k: query.k,
        maxDistance: query.distance_threshold,
        filter: query.metadata_filter,
        minSeq: query.min_seq,
        exact: query.exact,
        explain,
      },
      requestSignal(reply),
    );
    if (!wantsNdjson(request)) return response;
    const { results, ...summary } = response;
    const lines = [...results, { summary }].map((line) => `${JSON.stringify(line)}\n`);
    return reply.type("application/x-ndjson").send(lines.join(""));
  };
  app.post("/v1/libraries/:library_id/search/stream", search);
  app.post("/v1/libraries/:library_id/search", search);
}

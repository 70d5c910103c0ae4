import { searchOperations } from "@arrwdb/protocol/operations/search";
import type { FastifyInstance } from "fastify";
import { wantsNdjson } from "./content.ts";
import type { HttpContext } from "./context.ts";
import { requestSignal } from "./request-signal.ts";
import { route } from "./route.ts";

/** `POST .../search/stream` and `POST .../search`, which are the same. */
export function searchRoutes(app: FastifyInstance, { services: { searches } }: HttpContext): void {
  for (const operation of [searchOperations.search, searchOperations.searchStream]) {
    route(app, operation, async ({ parameters, query: { explain }, body }, request, reply) => {
      const response = await searches.search(
        parameters.library_id,
        {
          text: body.query,
          embedding: body.embedding,
          k: body.k,
          maxDistance: body.distance_threshold,
          filter: body.metadata_filter,
          minSeq: body.min_seq,
          exact: body.exact,
          explain,
        },
        requestSignal(reply),
      );
      if (!wantsNdjson(request)) return response;
      const { results, ...summary } = response;
      const lines = [...results, { summary }].map((line) => `${JSON.stringify(line)}\n`);
      return reply.type("application/x-ndjson").send(lines.join(""));
    });
  }
}

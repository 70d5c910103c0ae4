import { searchOperations } from "@arrwdb/protocol/operations/search";
import type { FastifyInstance } from "fastify";
import { queryOf } from "../core/search.ts";
import { wantsNdjson } from "./content.ts";
import type { HttpContext } from "./context.ts";
import { requestSignal } from "./request-signal.ts";
import { route } from "./route.ts";

/** `POST .../search/stream` and `POST .../search`, which are the same. */
export function searchRoutes(app: FastifyInstance, { services: { searches } }: HttpContext): void {
  for (const operation of [searchOperations.search, searchOperations.searchStream]) {
    route(app, operation, async ({ parameters, query: { explain }, body }, request, reply) => {
      const query = queryOf(body, explain);
      const response = await searches.search(parameters.library_id, query, requestSignal(reply));
      if (!wantsNdjson(request)) return response;
      const { results, ...summary } = response;
      const lines = [...results, { summary }].map((line) => `${JSON.stringify(line)}\n`);
      return reply.type("application/x-ndjson").send(lines.join(""));
    });
  }
}

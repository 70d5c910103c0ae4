import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import { searchOperations } from "@arrwdb/protocol/operations/search-operations";
import type { FastifyInstance } from "fastify";
import { nameOf } from "../../access/usage-limits.ts";
import { queryOf } from "../../core/search/search.ts";
import { wantsNdjson } from "../body-parsing.ts";
import type { HttpContext } from "../http-context.ts";
import { callerOf } from "../guard.ts";
import { route } from "../route.ts";

/** `POST .../search/stream` and `POST .../search`, which are the same. */
export function searchRoutes(app: FastifyInstance, { services: { searches } }: HttpContext): void {
  for (const operation of [searchOperations.search, searchOperations.searchStream]) {
    route(app, operation, async ({ parameters, query: { explain }, body }, request, reply) => {
      const query = queryOf(body, nameOf(callerOf(request)), explain);
      const { response, resultsJson, groupsJson } = await searches.search(
        parameters.library_id,
        query,
        request.lifetime.signal,
      );
      const { total, seq, took_ms, exact, facets, explanation } = response;
      const summary = { total, seq, took_ms, exact, facets, explanation };
      if (wantsNdjson(request)) {
        const lines = [...response.results, { summary: { ...summary, groups: response.groups } }].map(jsonLine);
        return reply.type("application/x-ndjson").send(lines.join(""));
      }
      // The hits are JSON already; the summary that follows is never empty.
      const groups = groupsJson === undefined ? "" : `"groups":${groupsJson},`;
      const json = `{"results":${resultsJson},${groups}${stringifyExactly(summary).slice(1)}`;
      return reply.type("application/json; charset=utf-8").send(json);
    });
  }
}

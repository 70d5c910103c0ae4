import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { toFailure } from "@arrwdb/protocol/errors/problem";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import { searchOperations } from "@arrwdb/protocol/operations/search-operations";
import type { FastifyInstance } from "fastify";
import { checkRate, nameOf } from "../../access/usage-limits.ts";
import { type Answered, queryOf } from "../../core/search/search.ts";
import { searchEach } from "../../core/search/search-batch.ts";
import { wantsNdjson } from "../body-parsing.ts";
import type { HttpContext } from "../http-context.ts";
import { callerOf } from "../guard.ts";
import { route } from "../route.ts";

/** `POST .../search/stream` and `POST .../search`, which are the same, and `POST .../search/batch`. */
export function searchRoutes(app: FastifyInstance, { access, services: { searches } }: HttpContext): void {
  for (const operation of [searchOperations.search, searchOperations.searchStream]) {
    route(app, operation, async ({ parameters, query: { explain }, body }, request, reply) => {
      const query = queryOf(body, nameOf(callerOf(request)), explain);
      const answered = await searches.search(parameters.library_id, query, request.lifetime.signal);
      if (wantsNdjson(request)) {
        const summary = { ...summaryOf(answered), groups: answered.response.groups };
        const lines = [...answered.response.results, { summary }].map(jsonLine);
        return reply.type("application/x-ndjson").send(lines.join(""));
      }
      return reply.type(json).send(toJson(answered));
    });
  }

  route(app, searchOperations.searchBatch, async ({ parameters, body }, request, reply) => {
    const caller = callerOf(request);
    const queries = body.searches.map((search) => queryOf(search, nameOf(caller)));
    const admit = () => checkRate(access.usage.rate(caller));
    const batch = { libraryId: parameters.library_id, queries, admit };
    const answers = await searchEach(searches, batch, request.lifetime.signal);
    const parts = answers.map((answer) =>
      answer instanceof ArrwError ? stringifyExactly(toFailure(answer)) : toJson(answer),
    );
    return reply.type(json).send(`{"answers":[${parts.join(",")}]}`);
  });
}

const json = "application/json; charset=utf-8";

function summaryOf({ response }: Answered) {
  const { total, seq, took_ms, exact, next_cursor, truncated, facets, explanation } = response;
  return { total, seq, took_ms, exact, next_cursor, truncated, facets, explanation };
}

/** The hits are JSON already; the summary that follows is never empty. */
function toJson(answered: Answered): string {
  const { resultsJson, groupsJson } = answered;
  const groups = groupsJson === undefined ? "" : `"groups":${groupsJson},`;
  return `{"results":${resultsJson},${groups}${stringifyExactly(summaryOf(answered)).slice(1)}`;
}

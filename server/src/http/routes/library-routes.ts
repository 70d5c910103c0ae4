import { libraryOperations } from "@arrwdb/protocol/operations/library-operations";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "../http-context.ts";
import { principalOf } from "../guard.ts";
import { route } from "../route.ts";

export function libraryRoutes(app: FastifyInstance, { services: { libraries, reembeddings } }: HttpContext): void {
  route(app, libraryOperations.createLibrary, async ({ body }, _request, reply) => {
    const library = await libraries.create(body);
    return reply.code(201).header("location", `/v1/libraries/${library.id}`).send(library);
  });

  route(app, libraryOperations.listLibraries, async ({ query }, request) => {
    const page = await libraries.list(query, principalOf(request).libraries);
    return { libraries: page.items, next_cursor: page.nextCursor };
  });

  route(app, libraryOperations.getLibrary, ({ parameters }) => libraries.get(parameters.library_id));

  route(app, libraryOperations.getLibraryStatistics, ({ parameters }) => libraries.statistics(parameters.library_id));

  route(app, libraryOperations.updateLibrary, ({ parameters, body }) => libraries.update(parameters.library_id, body));

  route(app, libraryOperations.reembedLibrary, async ({ parameters, body }, _request, reply) =>
    reply.code(202).send(await reembeddings.begin(parameters.library_id, body)),
  );

  route(app, libraryOperations.getReembedding, ({ parameters }) => reembeddings.get(parameters.library_id));

  route(app, libraryOperations.cancelReembedding, ({ parameters }) => reembeddings.cancel(parameters.library_id));

  route(app, libraryOperations.deleteLibrary, async ({ parameters: { library_id: id } }) => {
    return { deleted: true, id, seq: await libraries.delete(id) };
  });
}

import { createLibraryRequest, pageQuery, patchLibraryRequest } from "@arrwdb/protocol/model";
import { validate } from "@arrwdb/protocol/validation";
import type { FastifyInstance } from "fastify";
import type { HttpContext } from "./context.ts";
import { libraryIdOf } from "./parameters.ts";

export function libraryRoutes(app: FastifyInstance, { services: { libraries } }: HttpContext): void {
  app.post("/v1/libraries", async (request, reply) => {
    const library = await libraries.create(validate(createLibraryRequest, request.body));
    return reply.code(201).header("location", `/v1/libraries/${library.id}`).send(library);
  });

  app.get("/v1/libraries", async (request) => {
    const page = await libraries.list(validate(pageQuery, request.query));
    return { libraries: page.items, next_cursor: page.nextCursor };
  });

  app.get("/v1/libraries/:library_id", (request) => libraries.get(libraryIdOf(request)));

  app.get("/v1/libraries/:library_id/stats", (request) => libraries.statistics(libraryIdOf(request)));

  app.patch("/v1/libraries/:library_id", (request) =>
    libraries.update(libraryIdOf(request), validate(patchLibraryRequest, request.body)),
  );

  app.delete("/v1/libraries/:library_id", async (request) => {
    const id = libraryIdOf(request);
    return { deleted: true, id, seq: await libraries.delete(id) };
  });
}

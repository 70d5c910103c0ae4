import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { guideOperations } from "@arrwdb/protocol/operations/guide-operations";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpContext } from "../http-context.ts";
import type { Guide, GuideFile } from "../guide/build-guide.ts";
import { guideThread } from "../guide/guide-thread.ts";
import { route } from "../route.ts";

/** No script at all, and nothing from elsewhere. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const headers = {
  "content-security-policy": contentSecurityPolicy,
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-cache",
  vary: "accept-encoding",
};

/** The guide, rendered on its own thread at the first request, then cached. */
class GuideLibrary {
  readonly #root: string;
  #guide: Promise<Guide> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  read(): Promise<Guide> {
    this.#guide ??= this.#build().catch((error: unknown) => {
      // The next request tries again.
      this.#guide = undefined;
      throw error;
    });
    return this.#guide;
  }

  #build(): Promise<Guide> {
    const { promise, resolve, reject } = Promise.withResolvers<Guide>();
    const thread = guideThread.start(this.#root);
    const { worker } = thread;
    thread.onMessage(resolve);
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error("The guide's thread ended before it was rendered")));
    return promise;
  }
}

/** `/docs/guide`: the pages of `docs/` as HTML. */
export function guideRoutes(app: FastifyInstance, { settings: { projectDirectory } }: HttpContext): void {
  const library = new GuideLibrary(projectDirectory);

  route(app, guideOperations.showGuide, async (_input, request, reply) =>
    send((await library.read()).pages.get(""), request, reply),
  );

  route(app, guideOperations.showGuidePage, async ({ parameters: { page } }, request, reply) => {
    // The index has an address of its own, from which its links lead.
    if (page === "") return reply.redirect("../guide");
    return send((await library.read()).pages.get(page), request, reply);
  });

  route(app, guideOperations.getGuideImage, async ({ parameters: { image } }, request, reply) =>
    send((await library.read()).images.get(image), request, reply),
  );
}

function send(file: GuideFile | undefined, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (file === undefined)
    throw new ArrwError("route_not_found", "The guide has no such page; see /docs/guide for the list");
  reply.headers({ ...headers, etag: file.etag });
  const known = request.headers["if-none-match"]?.split(",").map((etag) => etag.trim().replace(/^W\//, ""));
  if (known?.some((etag) => etag === "*" || etag === file.etag) === true) return reply.code(304).send();
  reply.type(file.type);
  if (file.compressed === undefined || !/\bgzip\b/.test(request.headers["accept-encoding"] ?? "")) {
    return reply.send(file.content);
  }
  return reply.header("content-encoding", "gzip").send(file.compressed);
}

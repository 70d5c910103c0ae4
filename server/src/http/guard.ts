import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Operation } from "@arrwdb/protocol/operations/operation";
import { isUuid } from "@arrwdb/protocol/documents/document-id";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { KeyScope } from "@arrwdb/protocol/keys/keys";
import type { Access, Wanted } from "../access/access.ts";
import type { Principal } from "../access/principal.ts";
import type { RateState } from "../access/rate-limiter.ts";
import { type Caller, checkRate } from "../access/usage-limits.ts";
import type { LibraryNames } from "../core/libraries/library-names.ts";
import { isAlwaysAnswered } from "./intake/requests-in-progress.ts";
import { whenClosed } from "./when-closed.ts";
import { longLived } from "./long-lived.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** The authenticated caller; null before the guard has run, and on routes without authentication. */
    principal: Principal | null;
  }
}

/**
 * The single guard of all routes: it takes each route's permission from the table of operations, and denies the rest.
 */
export function guard(app: FastifyInstance, access: Access, names: LibraryNames): void {
  app.decorateRequest("principal", null);
  app.decorateRequest("mostBytes", null);
  app.addHook("onRequest", async (request, reply) => {
    access.checkOrigin(request.raw);
    const { operation } = request.routeOptions.config;
    if (request.is404) return checkRate(access.usage.rateOfAddress(request.lifetime.address));
    // What no page may ask beforehand is at no address.
    if (operation === undefined && request.method === "OPTIONS") return;
    if (operation === undefined) throw new ArrwError("forbidden", "No permission is defined for this route");
    if (operation.scope === "none") {
      // If no key is required, requests are counted before their body is read.
      if (operation.method !== "GET") checkRate(access.usage.rateOfAddress(request.lifetime.address));
      return;
    }
    const caller = admit(access, request);
    const name = libraryNameOf(operation, request);
    if (name !== undefined) {
      // Looking for a name is work, so the request is counted first.
      countRequest(access, caller, reply);
      // Whatever comes after it knows ids only.
      Object.assign(Object(request.params), { library_id: await names.resolve(name, caller.principal.libraries) });
    }
    access.authorize(caller.principal, wantedBy(operation, operation.scope, request));
    request.lifetime.belongTo(caller.principal);
    if (isAlwaysAnswered(request)) return;
    if (name === undefined) countRequest(access, caller, reply);
    const release = access.usage.begin(caller);
    whenClosed(reply.raw, release);
    // Streams of events have a bound of their own.
    request.raw.once(longLived, release);
    checkLength(access, caller, request);
  });
  // A body may take long to arrive, so the permission is checked again once it is here.
  app.addHook("preHandler", (request, _reply, done) => {
    const { operation } = request.routeOptions.config;
    const { principal } = request;
    if (operation === undefined || operation.scope === "none" || principal === null) return done();
    access.authorize(principal, wantedBy(operation, operation.scope, request));
    done();
  });
  // Results of reads are withheld if the caller may no longer read; results of writes are sent, as they cannot be undone.
  app.addHook("onSend", (request, reply, payload, done) => {
    const { scope, method } = request.routeOptions.config.operation ?? {};
    const isRead = scope === "read" || method === "GET";
    const isWhole = typeof payload === "string" || Buffer.isBuffer(payload);
    const ended = request.principal?.ended;
    if (ended !== undefined && isRead && isWhole && reply.statusCode < 400) done(ended);
    else done(null, payload);
  });
}

/** The library's name in the path, unless it is given by its id. */
function libraryNameOf({ ofLibrary }: Operation, { params }: FastifyRequest): string | undefined {
  if (!ofLibrary || typeof params !== "object" || params === null || !("library_id" in params)) return undefined;
  const given = String(params.library_id);
  return isUuid(given) ? undefined : given;
}

const wantedBy = (operation: Operation, scope: KeyScope, request: FastifyRequest): Wanted => ({
  scope,
  libraryId: subjectOf(operation, request).libraryId,
  narrowed: operation.narrowed === true,
});

/** Who sends the request. @throws ArrwError `unauthorized`, `rate_limited` */
function admit(access: Access, request: FastifyRequest): Caller {
  const { address } = request.lifetime;
  try {
    const principal = access.authenticate(request.raw);
    request.principal = principal;
    return { principal, address };
  } catch (error) {
    if (request.principal === null) checkRate(access.usage.rateOfAddress(address));
    throw error;
  }
}

/** @throws ArrwError `rate_limited` */
function countRequest(access: Access, caller: Caller, reply: FastifyReply): void {
  const state = access.usage.rate(caller);
  tellRate(reply, state);
  checkRate(state);
}

/** As drafted by the IETF (RateLimit header fields for HTTP), and by the names that were usual before. */
function tellRate(reply: FastifyReply, state: RateState | undefined): void {
  if (state === undefined) return;
  const { limit, remaining, reset } = state;
  reply
    .header("ratelimit-policy", `"requests";q=${limit};w=60`)
    .header("ratelimit", `"requests";r=${remaining};t=${reset}`)
    .header("ratelimit-limit", String(limit))
    .header("ratelimit-remaining", String(remaining))
    .header("ratelimit-reset", String(reset));
}

function subjectOf({ ofLibrary }: Operation, { params }: FastifyRequest): { libraryId: string | undefined } {
  if (!ofLibrary || typeof params !== "object" || params === null) return { libraryId: undefined };
  // An empty id denies keys that are limited to libraries.
  return { libraryId: "library_id" in params ? String(params.library_id) : "" };
}

/** Checks the declared length before the body is read; the actual length is checked while reading. */
function checkLength(access: Access, caller: Caller, request: FastifyRequest): void {
  if (request.routeOptions.config.operation?.stream !== undefined) return;
  const most = access.usage.bodyBytes(caller);
  request.mostBytes = most;
  if (Number(request.headers["content-length"] ?? 0) <= most) return;
  throw new ArrwError("body_too_large", `The body is larger than the maximum of ${most} bytes`);
}

/** Who sends the request, once the guard has let it through. */
export function principalOf({ principal }: FastifyRequest): Principal {
  if (principal === null) throw new ArrwError("unauthorized", "The request was not authenticated");
  return principal;
}

export const callerOf = (request: FastifyRequest): Caller => ({
  principal: principalOf(request),
  address: request.lifetime.address,
});

import { limits } from "@arrwdb/protocol/limits";
import { accessOperations } from "@arrwdb/protocol/operations/access-operations";
import { stringifySetCookie } from "cookie";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { credentialsOf, sessionCookie } from "../../access/credentials.ts";
import { grantOf } from "../../access/principal.ts";
import type { HttpContext } from "../http-context.ts";
import { principalOf } from "../guard.ts";
import { route } from "../route.ts";

/** Keys, the sign-in of browsers, and the audit trail. */
export function accessRoutes(app: FastifyInstance, { access, settings: { isSecure } }: HttpContext): void {
  const { keys, sessions, audit } = access;
  const cookie = (request: FastifyRequest, value: string, maxAge: number) =>
    stringifySetCookie({
      name: sessionCookie,
      value,
      maxAge,
      httpOnly: true,
      sameSite: "strict",
      secure: isSecure || cameOverTls(request),
      path: "/",
    });

  route(app, accessOperations.createKey, async ({ body }, _request, reply) => {
    const created = await keys.create(body);
    // The response is a secret, so no cache may keep it.
    return reply
      .code(201)
      .header("location", `/v1/keys/${created.id}`)
      .header("cache-control", "no-store")
      .send(created);
  });

  route(app, accessOperations.listKeys, () => ({ keys: keys.list() }));

  route(app, accessOperations.revokeKey, async ({ parameters: { key_id: id } }) => {
    await keys.revoke(id);
    return { revoked: true, id };
  });

  route(app, accessOperations.getGrant, (_input, request) => grantOf(principalOf(request)));

  route(app, accessOperations.signIn, ({ body: { key } }, request, reply) => {
    const principal = keys.authenticate(key);
    const token = sessions.begin(principal.keyId ?? "");
    reply
      .header("set-cookie", cookie(request, token, limits.browserSessionSeconds))
      .header("cache-control", "no-store");
    return grantOf(principal);
  });

  route(app, accessOperations.signOut, (_input, request, reply) => {
    const { session } = credentialsOf(request.raw);
    if (session !== undefined) sessions.end(session);
    reply.header("set-cookie", cookie(request, "", 0));
    return { signed_out: true };
  });

  route(app, accessOperations.readAudit, ({ query }) => audit.read(query));
}

/** Whether a proxy reports that it terminated TLS. A client that forges this only restricts its own cookie to TLS. */
function cameOverTls({ headers: { "x-forwarded-proto": protocol } }: FastifyRequest): boolean {
  return (
    String(protocol ?? "")
      .split(",")[0]
      ?.trim()
      .toLowerCase() === "https"
  );
}

import { type Action, type ActionRequest, type ActionResponse, actions } from "@arrwdb/protocol/websocket/messages";
import { defaultHits, type LiveQueryRequest } from "@arrwdb/protocol/search/search";
import { validate } from "@arrwdb/protocol/errors/validation";
import { v7 as uuidv7 } from "uuid";
import { socketResults } from "../core/live-queries/live-query-subscription.ts";
import type { Participation, Services } from "../core/services.ts";
import type { SearchQuery } from "../core/search/search.ts";
import type { OwnWrites } from "./own-writes.ts";
import type { WriteOrder } from "./write-order.ts";

export interface ActionContext extends Participation {
  readonly requestId: string;
  readonly libraryId: string;
  readonly services: Services;
  readonly writes: WriteOrder;
  /** Sends the response to a write before its events. */
  readonly ownWrites: OwnWrites;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
  /** Throws if the caller may no longer write; checked immediately before a write. */
  readonly checkAllowed: () => void;
  /** Who connected. */
  readonly caller: string;
}

/** Answers a request; called once. */
type Respond<Name extends Action> = (response: ActionResponse<Name>) => void;

type Handler<Name extends Action> = (
  request: ActionRequest<Name>,
  context: ActionContext,
  respond: Respond<Name>,
) => Promise<void>;

const queryOf = (request: LiveQueryRequest, { caller }: ActionContext): SearchQuery => ({
  caller,
  text: request.query_text,
  embedding: request.embedding,
  k: request.k,
  maxDistance: request.threshold,
  filter: request.metadata_filter,
  facets: request.facets,
  groupBy: request.group_by,
  include: request.include,
  highlight: request.highlight,
});

const search: Handler<"search"> = async (request, context, respond) => {
  const { libraryId, services, rooms, requestId, signal } = context;
  const { k = defaultHits, pages, cursor, mode, like, exact, explain } = request;
  const { vector_weight: vectorWeight, min_seq: minSeq, session_id: sessionId } = request;
  const shared = { ...queryOf({ ...request, k }, context), pages, cursor, mode, like };
  const query = { ...shared, vectorWeight, minSeq, sessionId, exact, explain };
  if (sessionId === null || sessionId === undefined) {
    const { response } = await services.searches.search(libraryId, query, signal);
    return respond({ ...response, ...socketResults(response) });
  }
  const { response } = await services.searches.search(libraryId, { ...query, include: undefined }, signal);
  // Join only after the search has succeeded.
  rooms.join(sessionId, null);
  respond({ ...response, ...socketResults(response) });
  rooms.share(sessionId, requestId, request.query_text ?? null, response);
};

const add: Handler<"add"> = async (request, context, respond) => {
  const { libraryId, services, writes, ownWrites, signal, checkAllowed } = context;
  // One connection is one flow; `writes` is unique to it.
  const prepared = services.documents.prepare(libraryId, request, signal, writes);
  await writes.run(prepared, (ready) => {
    // The id is assigned here, so that the event can be recognized before the response is sent.
    const id = ready.id ?? uuidv7();
    return ownWrites.during(
      id,
      () => services.documents.write(libraryId, { ...ready, id }, checkAllowed),
      ({ document }) => respond({ document, seq: document.seq }),
    );
  });
};

/**
 * Responds to a write by filter with its last slice, or with `none`. Its events come as they happen: there may be too many
 * to hold them until the response.
 */
function afterSlices<Progress>(
  writes: WriteOrder,
  slices: AsyncIterable<Progress>,
  none: Progress,
  respond: (last: Progress) => void,
): Promise<void> {
  return writes.run(Promise.resolve(), async () => {
    let last = none;
    for await (const slice of slices) last = slice;
    respond(last);
  });
}

const patch: Handler<"patch"> = async ({ document_id, ...byFilter }, context, respond) => {
  const { libraryId, services, writes, ownWrites, checkAllowed } = context;
  if (document_id === undefined) {
    const slices = services.documents.patchMatching(libraryId, byFilter, context);
    return afterSlices(writes, slices, { patched: 0, failed: 0, seq: 0 }, respond);
  }
  await writes.run(Promise.resolve(), () => {
    checkAllowed();
    return ownWrites.during(
      document_id,
      () => services.documents.patch(libraryId, document_id, byFilter.patch),
      respond,
    );
  });
};

const remove: Handler<"delete"> = async ({ document_id, if_seq: ifSeq, ...byFilter }, context, respond) => {
  const { libraryId, services, writes, ownWrites, checkAllowed } = context;
  if (document_id === undefined) {
    const slices = services.documents.deleteMatching(libraryId, byFilter, context);
    return afterSlices(writes, slices, { deleted: 0, seq: 0 }, respond);
  }
  await writes.run(Promise.resolve(), () => {
    checkAllowed();
    return ownWrites.during(
      document_id,
      () => services.documents.delete(libraryId, document_id, ifSeq),
      (seq) => respond({ deleted: true, document_id, seq }),
    );
  });
};

const get: Handler<"get"> = async ({ document_id }, { libraryId, services }, respond) => {
  respond(await services.documents.get(libraryId, document_id));
};

const list: Handler<"list"> = async (request, { libraryId, services, caller, signal }, respond) => {
  respond(await services.documents.list(libraryId, request, caller, signal));
};

const count: Handler<"count"> = async (request, { libraryId, services, caller, signal }, respond) => {
  respond(await services.documents.count(libraryId, request, caller, signal));
};

const subscribe: Handler<"subscribe"> = (request, context, respond) => {
  const { subscriptions, signal } = context;
  const { events, metadata_filter: filter, from_seq: fromSeq, query } = request;
  if (query !== undefined) return subscriptions.watch(queryOf(query, context), signal, respond);
  // Clients of protocol 1.0, which know neither field, know no progress either.
  const progress = request.progress ?? (fromSeq !== undefined || filter !== undefined);
  return subscriptions.subscribe({ types: events, filter, fromSeq, progress }, respond);
};

const unsubscribe: Handler<"unsubscribe"> = async (
  { subscription_id },
  { libraryId, services, subscriptions },
  respond,
) => {
  subscriptions.unsubscribe(subscription_id);
  const { seq } = await services.libraries.get(libraryId);
  respond({ unsubscribed: true, subscription_id, seq });
};

const join: Handler<"join"> = async ({ session_id, name }, { libraryId, services, rooms }, respond) => {
  const { seq } = await services.libraries.get(libraryId);
  respond({ ...rooms.join(session_id, name ?? null), seq });
};

const leave: Handler<"leave"> = async ({ session_id }, { libraryId, services, rooms }, respond) => {
  rooms.leave(session_id);
  const { seq } = await services.libraries.get(libraryId);
  respond({ left: true, session_id, seq });
};

const ping: Handler<"ping"> = async (_request, _context, respond) => {
  respond({ pong: true, timestamp: new Date().toISOString() });
};

/** Checks the `data` of a request and runs its action. */
export async function runAction(
  action: Action,
  data: unknown,
  context: ActionContext,
  respond: (response: unknown) => void,
): Promise<void> {
  switch (action) {
    case "search":
      return search(validate(actions.search.request, data), context, respond);
    case "add":
      return add(validate(actions.add.request, data), context, respond);
    case "patch":
      return patch(validate(actions.patch.request, data), context, respond);
    case "delete":
      return remove(validate(actions.delete.request, data), context, respond);
    case "get":
      return get(validate(actions.get.request, data), context, respond);
    case "list":
      return list(validate(actions.list.request, data), context, respond);
    case "count":
      return count(validate(actions.count.request, data), context, respond);
    case "subscribe":
      return subscribe(validate(actions.subscribe.request, data), context, respond);
    case "unsubscribe":
      return unsubscribe(validate(actions.unsubscribe.request, data), context, respond);
    case "join":
      return join(validate(actions.join.request, data), context, respond);
    case "leave":
      return leave(validate(actions.leave.request, data), context, respond);
    case "ping":
      return ping(validate(actions.ping.request, data), context, respond);
  }
}

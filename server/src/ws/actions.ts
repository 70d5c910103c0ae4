import { type Action, type ActionRequest, type ActionResponse, actions } from "@arrwdb/protocol/messages";
import { validate } from "@arrwdb/protocol/validation";
import type { Services } from "../core/services.ts";
import type { Subscriptions } from "../core/subscriptions.ts";
import type { WriteOrder } from "./write-order.ts";

export interface ActionContext {
  readonly libraryId: string;
  readonly services: Services;
  readonly subscriptions: Subscriptions;
  readonly writes: WriteOrder;
  /** Aborts when the client is gone. */
  readonly signal: AbortSignal;
}

/** Answers a request; called once. */
type Respond<Name extends Action> = (response: ActionResponse<Name>) => void;

type Handler<Name extends Action> = (
  request: ActionRequest<Name>,
  context: ActionContext,
  respond: Respond<Name>,
) => Promise<void>;

const search: Handler<"search"> = async (request, { libraryId, services, signal }, respond) => {
  const { results, ...answer } = await services.searches.search(
    libraryId,
    {
      text: request.query_text,
      embedding: request.embedding,
      k: request.k,
      maxDistance: request.threshold,
      filter: request.metadata_filter,
    },
    signal,
  );
  respond({ results: results.map((hit) => ({ ...hit, id: hit.chunk_id })), ...answer });
};

const add: Handler<"add"> = async (request, { libraryId, services, writes, signal }, respond) => {
  const prepared = services.documents.prepare(libraryId, request, signal);
  const { document } = await writes.run(prepared, (ready) => services.documents.write(libraryId, ready));
  respond({ document, seq: document.seq });
};

const remove: Handler<"delete"> = async ({ document_id }, { libraryId, services, writes }, respond) => {
  const seq = await writes.run(Promise.resolve(), () => services.documents.delete(libraryId, document_id));
  respond({ deleted: true, document_id, seq });
};

const get: Handler<"get"> = async ({ document_id }, { libraryId, services }, respond) => {
  respond(await services.documents.get(libraryId, document_id));
};

const subscribe: Handler<"subscribe"> = ({ events }, { subscriptions }, respond) =>
  subscriptions.subscribe(events, respond);

const unsubscribe: Handler<"unsubscribe"> = async (
  { subscription_id },
  { libraryId, services, subscriptions },
  respond,
) => {
  subscriptions.unsubscribe(subscription_id);
  const { seq } = await services.libraries.get(libraryId);
  respond({ unsubscribed: true, subscription_id, seq });
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
    case "delete":
      return remove(validate(actions.delete.request, data), context, respond);
    case "get":
      return get(validate(actions.get.request, data), context, respond);
    case "subscribe":
      return subscribe(validate(actions.subscribe.request, data), context, respond);
    case "unsubscribe":
      return unsubscribe(validate(actions.unsubscribe.request, data), context, respond);
  }
}

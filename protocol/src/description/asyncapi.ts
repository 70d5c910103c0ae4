import { z } from "zod";
import { limits } from "../limits.ts";
import {
  type Action,
  actions,
  failureResponse,
  isAction,
  pingEnvelope,
  requestEnvelope,
  requestErrors,
  serverMessages,
  successResponse,
} from "../websocket/messages.ts";
import { protocolVersion } from "../version.ts";
import { componentsOf, inPlace, type Json, reference } from "./components.ts";
import { parameterExamples } from "./parameter-examples.ts";
import { exampleOf } from "./schemas/named-schemas.ts";

const channel = "#/channels/library";
const messageOf = (name: string): Json => ({ $ref: `#/components/messages/${name}` });
const inChannel = (name: string): Json => ({ $ref: `${channel}/messages/${name}` });

const correlation = { description: "The request that this responds to", location: "$message.payload#/request_id" };

const actionNames: readonly Action[] = Object.keys(actions).filter(isAction);

const envelopeOf = (action: Action) => (action === "ping" ? pingEnvelope : requestEnvelope);

/** The whole messages of each action. */
function payloads(): ReadonlyMap<string, Json> {
  const schemas = actionNames.flatMap((action): readonly [string, z.ZodType][] => {
    const { request, response } = actions[action];
    return [
      [`${action}.request`, envelopeOf(action).extend({ action: z.literal(action), data: request })],
      [`${action}.response`, successResponse.extend({ data: response })],
    ];
  });
  return inPlace(Object.fromEntries(schemas));
}

/** The requests and the responses of all actions. */
function asked(): Readonly<Record<string, Json>> {
  const payload = payloads();
  const messages = actionNames.flatMap((action): readonly [string, Json][] => {
    const { request, response, summary } = actions[action];
    const id = { request_id: `${action}-1` };
    const data = exampleOf(response);
    return [
      [
        `${action}.request`,
        {
          title: `${action}: request`,
          summary,
          correlationId: correlation,
          payload: payload.get(`${action}.request`),
          examples: [{ payload: { ...id, action, data: exampleOf(request) } }],
        },
      ],
      [
        `${action}.response`,
        {
          title: `${action}: answer`,
          summary: `Answers \`${action}\``,
          correlationId: correlation,
          payload: payload.get(`${action}.response`),
          examples: [{ payload: { type: "response", ...id, success: true, data, error: null } }],
        },
      ],
    ];
  });
  return Object.fromEntries(messages);
}

const failure = {
  failure: {
    title: "A request that failed",
    summary: "Response to a request that was refused or failed",
    correlationId: correlation,
    payload: reference(failureResponse),
    examples: [{ payload: exampleOf(failureResponse) }],
  },
};

/** Messages that the server sends without a request. */
function pushed(): Readonly<Record<string, Json>> {
  return Object.fromEntries(
    Object.entries(serverMessages).map(([name, { schema, summary }]) => [
      name,
      {
        title: name,
        summary,
        payload: reference(schema),
        examples: [{ payload: exampleOf(schema) }],
      },
    ]),
  );
}

function operationsOf(): Json {
  const requests = actionNames.map((action): [string, Json] => [
    action,
    {
      action: "receive",
      channel: { $ref: channel },
      summary: actions[action].summary,
      description: `Can fail with ${[...new Set([...actions[action].errors, ...requestErrors])].map((code) => `\`${code}\``).join(", ")}.`,
      "x-scope": actions[action].scope,
      messages: [inChannel(`${action}.request`)],
      reply: { channel: { $ref: channel }, messages: [inChannel(`${action}.response`), inChannel("failure")] },
    },
  ]);
  const say = {
    action: "send",
    channel: { $ref: channel },
    summary: "Messages about events, live queries and rooms",
    messages: Object.keys(serverMessages).map(inChannel),
  };
  return Object.fromEntries([...requests, ["tell", say]]);
}

/** The WebSocket as AsyncAPI 3 has it, made from the schemas of its messages. */
export function asyncApiDocument(): Json {
  const messages = { ...asked(), ...failure, ...pushed() };
  return {
    asyncapi: "3.0.0",
    info: {
      title: "arrwDB",
      version: protocolVersion,
      description:
        "One connection to one library: requests and responses, live events, live queries, and rooms in which searches are shared. Messages are JSON objects in text frames. The HTTP API is described in [openapi.json](openapi.json).",
      license: { name: "Apache-2.0" },
    },
    defaultContentType: "application/json",
    servers: {
      local: { host: "localhost:8000", protocol: "ws", description: "A server on this machine" },
    },
    channels: {
      library: {
        address: "/v1/libraries/{library_id}/ws",
        title: "A connection to a library",
        description: `A message has at most ${limits.lineBytes} bytes. Requests run concurrently; responses are sent as they are ready.`,
        parameters: {
          library_id: { description: "The id of the library", examples: [parameterExamples["library_id"]] },
        },
        messages: Object.fromEntries(Object.keys(messages).map((name) => [name, messageOf(name)])),
        bindings: { ws: { method: "GET", bindingVersion: "0.1.0" } },
      },
    },
    operations: operationsOf(),
    components: { messages, schemas: componentsOf(messages) },
  };
}

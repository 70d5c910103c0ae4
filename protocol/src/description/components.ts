import { z } from "zod";
import { auditPage } from "../audit.ts";
import {
  deliveredEvent,
  eventPage,
  eventStatistics,
  libraryEvent,
  streamedEvent,
  streamEnded,
  streamPosition,
  subscriptionEnded,
  subscriptionProgress,
} from "../events.ts";
import { exportLine } from "../export.ts";
import { searchExplanation } from "../explanation.ts";
import { filter } from "../filter.ts";
import { errorCode, failure, ingestionResponse, ingestionSummaryLine, receipt, uploadLine } from "../ingestion.ts";
import { apiKey, createKeyRequest, grant, keyCreated, keyList, keyRevoked, signedOut, signInRequest } from "../keys.ts";
import { searchUpdated } from "../live.ts";
import { actions, failureResponse } from "../messages.ts";
import { mcpAnswer, mcpMessage, mcpRequest } from "../operations/mcp-operations.ts";
import { metadata, storedMetadata } from "../metadata.ts";
import {
  chunk,
  chunkInput,
  createLibraryRequest,
  document,
  documentDeleted,
  documentFound,
  documentInput,
  documentList,
  documentSummary,
  documentWritten,
  eventSettings,
  indexSettings,
  library,
  libraryDeleted,
  libraryList,
  patchLibraryRequest,
  textLanguage,
} from "../model.ts";
import { problem } from "../problem.ts";
import {
  liveQueryRequest,
  rankedHit,
  searchHit,
  searchLine,
  searchRequest,
  searchResponse,
  searchSummaryLine,
  socketRankedHit,
  socketSearchHit,
  socketSearchResponse,
} from "../search.ts";
import { health, interfaceDescription, readiness, serverDescription } from "../server.ts";
import { participant, sessionJoined, sessionLeft, sessionSearch, sessionState, sharedSearch } from "../sessions.ts";
import { libraryStatistics, measuredRecall } from "../statistics.ts";
import { embedding } from "../vector.ts";
import {
  createWebhookRequest,
  patchWebhookRequest,
  redeliverWebhookRequest,
  rotateWebhookRequest,
  webhook,
  webhookDeleted,
  webhookDelivery,
  webhookDeliveryList,
  webhookList,
  webhookWithSecret,
} from "../webhooks.ts";

/** A part of a description. */
export type Json = Readonly<Record<string, unknown>>;

/** The schemas that descriptions know by name. */
export const namedSchemas = {
  McpAnswer: mcpAnswer,
  McpMessage: mcpMessage,
  McpRequest: mcpRequest,
  ApiKey: apiKey,
  AuditPage: auditPage,
  Chunk: chunk,
  ChunkInput: chunkInput,
  CreateKey: createKeyRequest,
  CreateLibrary: createLibraryRequest,
  CreateWebhook: createWebhookRequest,
  DeliveredEvent: deliveredEvent,
  Description: interfaceDescription,
  Document: document,
  DocumentDeleted: documentDeleted,
  DocumentFound: documentFound,
  DocumentInput: documentInput,
  DocumentList: documentList,
  DocumentReference: actions.get.request,
  DocumentSummary: documentSummary,
  DocumentWritten: documentWritten,
  Embedding: embedding,
  ErrorCode: errorCode,
  EventPage: eventPage,
  EventSettings: eventSettings,
  EventStatistics: eventStatistics,
  ExportLine: exportLine,
  FailedLine: failure,
  FailureResponse: failureResponse,
  Grant: grant,
  Health: health,
  IndexSettings: indexSettings,
  IngestionResponse: ingestionResponse,
  IngestionSummaryLine: ingestionSummaryLine,
  Join: actions.join.request,
  Joined: actions.join.response,
  KeyCreated: keyCreated,
  KeyList: keyList,
  KeyRevoked: keyRevoked,
  Leave: actions.leave.request,
  Left: actions.leave.response,
  Library: library,
  LibraryDeleted: libraryDeleted,
  LibraryEvent: libraryEvent,
  LibraryList: libraryList,
  LibraryStatistics: libraryStatistics,
  LiveQuery: liveQueryRequest,
  MeasuredRecall: measuredRecall,
  Metadata: storedMetadata,
  MetadataFilter: filter,
  MetadataInput: metadata,
  Participant: participant,
  PatchLibrary: patchLibraryRequest,
  PatchWebhook: patchWebhookRequest,
  Ping: actions.ping.request,
  Pong: actions.ping.response,
  Problem: problem,
  RankedHit: rankedHit,
  Readiness: readiness,
  Receipt: receipt,
  RedeliverWebhook: redeliverWebhookRequest,
  RotateWebhook: rotateWebhookRequest,
  Search: searchRequest,
  SearchExplanation: searchExplanation,
  SearchHit: searchHit,
  SearchLine: searchLine,
  SearchResponse: searchResponse,
  SearchSummaryLine: searchSummaryLine,
  SearchUpdated: searchUpdated,
  ServerDescription: serverDescription,
  SessionJoined: sessionJoined,
  SessionLeft: sessionLeft,
  SessionSearch: sessionSearch,
  SessionState: sessionState,
  SharedSearch: sharedSearch,
  SignedOut: signedOut,
  SignIn: signInRequest,
  SocketRankedHit: socketRankedHit,
  SocketSearch: actions.search.request,
  SocketSearchHit: socketSearchHit,
  SocketSearchResponse: socketSearchResponse,
  StreamedEvent: streamedEvent,
  StreamEnded: streamEnded,
  StreamPosition: streamPosition,
  Subscribe: actions.subscribe.request,
  Subscribed: actions.subscribe.response,
  SubscriptionEnded: subscriptionEnded,
  SubscriptionProgress: subscriptionProgress,
  TextLanguage: textLanguage,
  Unsubscribe: actions.unsubscribe.request,
  Unsubscribed: actions.unsubscribe.response,
  UploadLine: uploadLine,
  Webhook: webhook,
  WebhookDeleted: webhookDeleted,
  WebhookDelivery: webhookDelivery,
  WebhookDeliveryList: webhookDeliveryList,
  WebhookList: webhookList,
  WebhookWithSecret: webhookWithSecret,
} as const satisfies Record<string, z.ZodType>;

export type SchemaName = keyof typeof namedSchemas;

export const isSchemaName = (name: string): name is SchemaName => Object.hasOwn(namedSchemas, name);
export const schemaNames: readonly SchemaName[] = Object.keys(namedSchemas).filter(isSchemaName);

const names = new Map<z.ZodType, SchemaName>(schemaNames.map((name) => [namedSchemas[name], name]));

/** The name of a schema; each that stands in the table of operations has one. */
export function nameOf(schema: z.ZodType): SchemaName {
  const name = names.get(schema);
  if (name === undefined) throw new Error("A schema is described that has no name; give it one in namedSchemas");
  return name;
}

const pathOf = (name: string) => `#/components/schemas/${name}`;

export const reference = (schema: z.ZodType): Json => ({ $ref: pathOf(nameOf(schema)) });

/** What may be null too is one schema: of two, some generators make classes, or nothing that compiles. */
function joinNull(schema: z.core.JSONSchema.BaseSchema): void {
  const { anyOf = [] } = schema;
  const other = anyOf.find(({ type }) => type !== "null");
  if (anyOf.length !== 2 || !anyOf.some(({ type }) => type === "null")) return;
  if (typeof other?.type !== "string" || other.enum !== undefined || other.const !== undefined) return;
  delete schema.anyOf;
  Object.assign(schema, { ...other, ...schema, type: [other.type, "null"] });
}

/** As it goes over the wire, which is what the schemas take in. What says nothing is left out. */
const options = {
  io: "input",
  unrepresentable: "any",
  override: ({ jsonSchema }: { readonly jsonSchema: z.core.JSONSchema.BaseSchema }) => {
    joinNull(jsonSchema);
    if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
    // Any fields, which generators take for none where it is not said.
    if (jsonSchema.type === "object" && jsonSchema.properties === undefined) jsonSchema.additionalProperties ??= {};
  },
} as const;

export const isJson = (value: unknown): value is Json =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Schemas as JSON Schemas, which refer to each other by their names. */
function convert(schemas: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, Json> {
  const registry = z.registry<{ id: string }>();
  for (const [name, schema] of Object.entries(schemas)) registry.add(schema, { id: name });
  const converted = z.toJSONSchema(registry, { ...options, uri: pathOf }).schemas;
  return new Map(Object.entries(converted).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [name, schema]));
}

/** The components that stand in a description, and those that they refer to, in the order of their names. */
export function componentsOf(description: unknown): Readonly<Record<string, Json>> {
  const all = convert(namedSchemas);
  const found = new Map<string, Json>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) return value.forEach(visit);
    if (!isJson(value)) return;
    for (const [key, part] of Object.entries(value)) {
      if (key !== "$ref" || typeof part !== "string") {
        visit(part);
        continue;
      }
      const name = part.slice(pathOf("").length);
      const component = all.get(name);
      if (!part.startsWith(pathOf("")) || component === undefined || found.has(name)) continue;
      found.set(name, component);
      visit(component);
    }
  };
  visit(description);
  return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

/** Schemas that stand in one place each, and refer to those that have a name. */
export function inPlace(schemas: Readonly<Record<string, z.ZodType>>): ReadonlyMap<string, Json> {
  return convert({ ...namedSchemas, ...schemas });
}

const digits = "^\\d{1,15}$";

/** What is text in an address alone, by what it says, so that programs may give it as what it is. */
function spokenOf(field: Json): Json {
  const { enum: values, pattern, default: preset, ...rest } = field;
  if (Array.isArray(values) && values.join() === "true,false") {
    return { ...rest, ...(preset === undefined ? {} : { default: preset === "true" }), type: "boolean" };
  }
  return pattern === digits ? { ...rest, type: "integer", minimum: 0 } : field;
}

/** The fields of an object each with its own schema, in place, such as the parameters of a query. */
export function fieldsOf(
  schema: z.ZodType,
): ReadonlyMap<string, { readonly schema: Json; readonly required: boolean }> {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, options);
  return new Map(
    Object.entries(properties).map(([name, field]) => [
      name,
      { schema: isJson(field) ? spokenOf(field) : {}, required: required.includes(name) },
    ]),
  );
}

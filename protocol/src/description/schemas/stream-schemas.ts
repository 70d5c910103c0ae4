import { streamEnded, streamPosition, streamedEvent } from "../../events/events.ts";
import * as shown from "./example-values.ts";
import { entry, type SchemaEntry } from "./schema-entry.ts";

export const streamSchemas: readonly SchemaEntry[] = [
  entry({ wire: "streamEnded", name: "StreamEnded", schema: streamEnded, example: shown.expired }),
  entry({
    wire: "streamPosition",
    name: "StreamPosition",
    schema: streamPosition,
    example: { type: "stream.progress", library_id: shown.libraryId, seq: 9 },
  }),
  // Parts of the others.
  entry({ name: "StreamedEvent", schema: streamedEvent, lines: [shown.event] }),
];

import { toErrorData } from "../threads/error-data.ts";
import type { Outcome, ThreadReply } from "../threads/thread-messages.ts";
import { LibraryReading } from "./library-reading.ts";
import { type ExportRequest, exportThread } from "./export-messages.ts";

const { settings, port } = exportThread.inside();
const send = (reply: ThreadReply) => port.send(reply);
send({ type: "loaded" });

function answer(reading: LibraryReading, { operation }: ExportRequest): Outcome<unknown> {
  try {
    return { value: operation === "library" ? reading.library : reading.next() };
  } catch (error) {
    return { error: toErrorData(error) };
  }
}

try {
  const reading = new LibraryReading(settings.directory, settings.libraryId);
  port.onMessage((requests) => {
    for (const request of requests) {
      send({ type: "answers", answers: [{ id: request.id, outcome: answer(reading, request) }] });
    }
  });
  send({ type: "opened" });
} catch (error) {
  send({ type: "failed", error: toErrorData(error) });
}

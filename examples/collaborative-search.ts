/**
 * Collaborative search: participants of a room see each other's searches, and who joins and leaves.
 *
 *   npx node examples/collaborative-search.ts --name Ada [--room example] [--url http://localhost:8000] [--library ID]
 *
 * Without --library it creates a library with sample documents, and prints its id for participants who join later:
 * start the program again in a second terminal, with another name and this --library. Type a search and press Enter;
 * stop it with Ctrl-C, or by closing the input.
 */
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { ArrwClient, type Participant, type RoomMessage } from "arrwdb-client";

const samples = [
  { title: "Cabin by the lake", text: "A wooden house at the water, with a boat." },
  { title: "Flat in the old town", text: "Two rooms near the market, with a balcony." },
  { title: "House with a garden", text: "Quiet, green, and a school around the corner." },
  { title: "Loft in the harbour", text: "High windows over the ships, and a lift." },
];

const { values } = parseArgs({
  options: {
    url: { type: "string", default: "http://localhost:8000" },
    library: { type: "string" },
    room: { type: "string", default: "example" },
    name: { type: "string", default: "somebody" },
  },
});
const client = new ArrwClient({ url: values.url });
const library = client.library(values.library ?? (await sampleLibrary()));
const room = library.room(values.room, { name: values.name });
/** Includes participants who have left: their searches may still arrive. */
const people = new Map<string, Participant>();

async function sampleLibrary(): Promise<string> {
  const { id } = await client.libraries.create({ name: "Homes (example)" });
  for await (const result of client.library(id).ingest(samples)) {
    if (!result.success) throw new Error(result.error);
  }
  console.log(`library ${id}`);
  return id;
}

function remember(participants: readonly Participant[]): void {
  for (const participant of participants) people.set(participant.participant_id, participant);
}

const nameOf = (id: string) => people.get(id)?.name ?? "somebody";
const names = () => room.participants.map(({ name }) => name ?? "somebody").join(", ");

function print(message: RoomMessage): void {
  remember(room.participants);
  switch (message.type) {
    case "session.search": {
      const { participant_id, query_text, results } = message.data;
      console.log(`${nameOf(participant_id)} searched: ${query_text ?? "a vector"}`);
      return results.slice(0, 3).forEach(({ rank, document }) => console.log(`  ${rank}. ${document.title}`));
    }
    case "session.joined":
      return console.log(`${message.participant.name ?? "somebody"} is here`);
    case "session.left":
      return console.log(`${message.participant.name ?? "somebody"} has left`);
    case "session.state":
      return console.log(`here are ${names()}`);
  }
}

const lines = createInterface(process.stdin);
process.once("SIGINT", () => lines.close());
try {
  // Before joining, so that nothing is missed.
  const messages = room.messages();
  await room.join();
  remember(room.participants);
  console.log(`here are ${names()}`);
  const last = room.lastSearch;
  if (last !== null) console.log(`last search: ${last.query_text ?? "a vector"}`);
  const printing = (async () => {
    for await (const message of messages) print(message);
  })();
  for await (const line of lines) {
    if (line.trim() !== "") await room.search({ query_text: line, k: 3 });
  }
  await room.leave();
  await printing;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
} finally {
  lines.close();
  client.close();
}

import { RowWriter } from "../../engine/changes/row-writer.ts";
import type { Tables } from "../tables/tables.ts";
import type { EventClock } from "./event-clock.ts";
import type { Uploads } from "./uploads.ts";
import { Writer } from "./writer.ts";

/** A writer of one transaction on tables. */
export const tableWriter = (tables: Tables, uploads: Uploads, clock: EventClock): Writer =>
  new Writer({ tables, rows: new RowWriter(tables), uploads, clock, now: new Date() });

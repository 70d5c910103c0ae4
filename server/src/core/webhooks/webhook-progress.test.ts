import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { StoredWebhook } from "../../store/webhook-store.ts";
import { WebhookProgress } from "./webhook-progress.ts";

const disableAfter = 1_000;

const stored: StoredWebhook = {
  id: "w",
  libraryId: "l",
  url: "https://example.com/",
  description: null,
  events: null,
  filter: null,
  secrets: [],
  status: "active",
  statusReason: null,
  seq: 0,
  course: 3,
  revision: 5,
  epoch: 0,
  failure: null,
  lastSuccessAt: null,
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
};

const time = (milliseconds: number) => new Date(Date.UTC(2026, 0, 1) + milliseconds);

/** What happens to a webhook next. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("passed" as const), after: fc.nat(100) }),
  fc.record({ kind: fc.constant("delivered" as const), after: fc.nat(100) }),
  fc.record({ kind: fc.constant("failed" as const), after: fc.nat(400), delay: fc.nat(500), gone: fc.constant(false) }),
  fc.record({ kind: fc.constant("restart" as const), after: fc.nat(100) }),
);

describe("The progress of a webhook", () => {
  it("is that of a plain model, whenever the server starts again", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        let status = stored.status;
        let progress = new WebhookProgress(stored, disableAfter);
        let now = 0;
        let position = 0;
        let failures: number[] = [];
        let disabled = false;
        for (const each of steps) {
          now += each.after;
          if (each.kind === "restart") {
            // What a report holds is all that a new start knows.
            const { seq, failure, disabled: reason } = progress.report([]);
            if (reason !== undefined) status = "disabled";
            progress = new WebhookProgress({ ...stored, seq, failure, status }, disableAfter);
          } else if (disabled) continue;
          else if (each.kind === "failed") {
            progress.failed({ error: `at ${now}`, at: time(now), delay: each.delay, gone: each.gone });
            failures.push(now);
            disabled = now - (failures[0] ?? now) >= disableAfter;
            expect(progress.wait(time(now))).toBe(each.delay);
          } else {
            position += 1;
            if (each.kind === "passed") progress.passed(position);
            else {
              progress.delivered(position, time(now));
              failures = [];
            }
          }
          expect(progress.position).toBe(position);
          expect(progress.isActive).toBe(!disabled);
          expect(progress.attempt).toBe(failures.length + 1);
          const { failure, course, revision } = progress.report([]);
          expect([course, revision]).toEqual([stored.course, stored.revision]);
          expect(failure?.since).toBe(failures[0] === undefined ? undefined : time(failures[0]).toISOString());
        }
      }),
    );
  });

  it("ends with the reason when the receiver is gone, or has failed for too long", () => {
    const gone = new WebhookProgress(stored, disableAfter);
    gone.failed({ error: "answered 410", at: time(0), delay: 1, gone: true });
    expect([gone.isActive, gone.report([]).disabled]).toEqual([false, "answered 410"]);
    const failing = new WebhookProgress(stored, disableAfter);
    failing.failed({ error: "down", at: time(0), delay: 1, gone: false });
    failing.failed({ error: "down", at: time(999), delay: 1, gone: false });
    expect(failing.isActive).toBe(true);
    failing.failed({ error: "down", at: time(1_000), delay: 1, gone: false });
    expect(failing.report([]).disabled).toBe(`No call has succeeded since ${time(0).toISOString()}: down`);
  });
});

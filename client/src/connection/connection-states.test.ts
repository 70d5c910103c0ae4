import { assert, array, constantFrom, property } from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionState,
  type Transition,
  transitions,
} from "./connection-states.ts";

const events: readonly ConnectionEvent[] = ["acquired", "released", "opened", "lost", "refused", "due", "stop"];

/** What there is to hold on to, as the effects leave it behind. */
interface World {
  sockets: number;
  timers: number;
}

const consequences: { readonly [Effect in ConnectionEffect]: (world: World) => void } = {
  dial: (world) => (world.sockets += 1),
  hangUp: (world) => (world.sockets -= 1),
  schedule: (world) => (world.timers += 1),
  cancel: (world) => (world.timers -= 1),
  tellOpened: () => undefined,
  tellLost: () => undefined,
  tellFailed: () => undefined,
};

/** Whether the event can come at all: a pause is over only where there was one, and a socket speaks only where it is. */
function possible(event: ConnectionEvent, world: World): boolean {
  if (event === "due") return world.timers > 0;
  return event === "opened" || event === "lost" || event === "refused" ? world.sockets > 0 : true;
}

describe("The table of a connection", () => {
  const law = (check: (state: ConnectionState, world: World) => void) =>
    assert(
      property(array(constantFrom(...events), { maxLength: 40 }), (happened) => {
        const world: World = { sockets: 0, timers: 0 };
        let state: ConnectionState = "idle";
        for (const event of happened) {
          if (!possible(event, world)) continue;
          if (event === "due") world.timers -= 1;
          const transition: Transition = transitions[state][event];
          for (const effect of transition.effects) consequences[effect](world);
          state = transition.to;
          check(state, world);
        }
      }),
    );

  it("has one socket where it connects or is open, and none elsewhere", () => {
    law((state, { sockets }) => expect(sockets).toBe(state === "connecting" || state === "open" ? 1 : 0));
  });

  it("has one pause where it waits, and none elsewhere", () => {
    law((state, { timers }) => expect(timers).toBe(state === "waiting" ? 1 : 0));
  });

  it("stays stopped, and tells whoever still comes", () => {
    for (const event of events) expect(transitions.stopped[event].to).toBe("stopped");
    expect(transitions.stopped.acquired.effects).toEqual(["tellFailed"]);
  });

  it("can be stopped from everywhere", () => {
    for (const row of Object.values(transitions)) expect(row.stop.to).toBe("stopped");
  });
});

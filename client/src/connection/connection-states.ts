/**
 * The connection's state machine, as a table: for each state and event, the next state and the effects. The type
 * demands every cell, so no case can be forgotten; `connection.ts` carries the effects out.
 */

/**
 * - `idle`: no user needs a connection
 * - `connecting`: a socket is being opened
 * - `open`: requests can be sent
 * - `waiting`: for the next attempt, after the last one failed
 * - `stopped`: closed for good
 */
export type ConnectionState = "idle" | "connecting" | "open" | "waiting" | "stopped";

/**
 * - `acquired`: a user needs the connection
 * - `released`: no user needs it any more
 * - `opened`: the socket is open
 * - `lost`: the socket closed, or did not open in time, and may be replaced
 * - `refused`: the socket closed and retrying is pointless, or the maximum of attempts has failed
 * - `due`: the pause before the next attempt is over
 * - `stop`: the program closes the client
 */
export type ConnectionEvent = "acquired" | "released" | "opened" | "lost" | "refused" | "due" | "stop";

/**
 * - `dial`: open a socket
 * - `hangUp`: close the socket and forget it
 * - `schedule`: start the delay before the next attempt
 * - `cancel`: end the pause
 * - `tellOpened`, `tellLost`: notify the users
 * - `tellFailed`: notify the users that the connection failed for good, and drop them
 */
export type ConnectionEffect = "dial" | "hangUp" | "schedule" | "cancel" | "tellOpened" | "tellLost" | "tellFailed";

export interface Transition {
  readonly to: ConnectionState;
  readonly effects: readonly ConnectionEffect[];
}

const go = (to: ConnectionState, ...effects: readonly ConnectionEffect[]): Transition => ({ to, effects });

export const transitions: {
  readonly [State in ConnectionState]: { readonly [Event in ConnectionEvent]: Transition };
} = {
  idle: {
    acquired: go("connecting", "dial"),
    released: go("idle"),
    opened: go("idle"),
    lost: go("idle"),
    refused: go("idle"),
    due: go("idle"),
    stop: go("stopped"),
  },
  connecting: {
    acquired: go("connecting"),
    released: go("idle", "hangUp"),
    opened: go("open", "tellOpened"),
    lost: go("waiting", "hangUp", "schedule"),
    refused: go("idle", "hangUp", "tellFailed"),
    due: go("connecting"),
    stop: go("stopped", "hangUp", "tellFailed"),
  },
  open: {
    acquired: go("open"),
    released: go("idle", "hangUp"),
    opened: go("open"),
    lost: go("waiting", "hangUp", "schedule", "tellLost"),
    refused: go("idle", "hangUp", "tellFailed"),
    due: go("open"),
    stop: go("stopped", "hangUp", "tellFailed"),
  },
  waiting: {
    // Whoever joins waits with the others, or the pause would be none.
    acquired: go("waiting"),
    released: go("idle", "cancel"),
    opened: go("waiting"),
    lost: go("waiting"),
    refused: go("idle", "cancel", "tellFailed"),
    due: go("connecting", "dial"),
    stop: go("stopped", "cancel", "tellFailed"),
  },
  stopped: {
    acquired: go("stopped", "tellFailed"),
    released: go("stopped"),
    opened: go("stopped"),
    lost: go("stopped"),
    refused: go("stopped"),
    due: go("stopped"),
    stop: go("stopped"),
  },
};

import { type ClientConfig, TypeOverrides } from "pg";

const int8 = 20;
const applicationName = "arrwdb";
/** Milliseconds. */
const connectTimeout = 10_000;
/** A statement that takes longer is lost: the longest writes one group, or reads one page. */
const statementTimeout = 60_000;
/** One that is not answered by then never is: the network swallows it, or the server has lost it. */
const answerTimeout = statementTimeout + 5_000;
/** A transaction that waits for a node which has stopped between two statements must not hold a library for long. */
const idleTimeout = 15_000;

/** Numbers of 64 bits are read as numbers: positions and counts are far below 2^53. */
const types = new TypeOverrides();
types.setTypeParser(int8, Number);

/** How every connection is made. */
export const connectionSettings = (url: string): ClientConfig => ({
  connectionString: url,
  application_name: applicationName,
  connectionTimeoutMillis: connectTimeout,
  keepAlive: true,
  statement_timeout: statementTimeout,
  query_timeout: answerTimeout,
  idle_in_transaction_session_timeout: idleTimeout,
  types,
});

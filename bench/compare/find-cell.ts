import type { EngineResult, SearchCell } from "./result.ts";

/** The figures of a load, or undefined where the engine was not measured with it. */
export function cellOf(engine: EngineResult, inFlight: number, filter: SearchCell["filter"]): SearchCell | undefined {
  return engine.searches.find((cell) => cell.inFlight === inFlight && cell.filter === filter);
}

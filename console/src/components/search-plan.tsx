import type { SearchExplanation } from "arrwdb-client";
import { count, milliseconds } from "../format.ts";

const plans: Readonly<Record<SearchExplanation["plan"], string>> = {
  none: "No chunk matches the filter, so nothing was compared.",
  read: "Few chunks match the filter, so their vectors were read and compared.",
  scan: "Every matching chunk was compared in memory.",
  walk: "The index proposed candidates; those that do not match the filter were skipped.",
  text: "Keyword search only; no vectors were compared.",
  disk: "Every vector was read from the disk and compared.",
};

interface SearchPlanProps {
  readonly explanation: SearchExplanation;
  /** Milliseconds. */
  readonly roundTrip: number;
}

/** How a search was answered. */
export function SearchPlan({ explanation, roundTrip }: SearchPlanProps) {
  const { plan, index, matching, candidates, words, waited_ms, search_ms, read_ms } = explanation;
  const rest = Math.max(0, roundTrip - waited_ms - search_ms - read_ms);
  const steps = [
    { name: "waited", value: waited_ms },
    { name: "compared", value: search_ms },
    { name: "read", value: read_ms },
    { name: "embedding and network", value: rest },
  ];
  return (
    <details open class="plan">
      <summary>
        Query plan: <b>{plan}</b>
        {index !== null && ` by ${index}`}
      </summary>
      <p class="hint">{plans[plan]}</p>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {steps.map(({ name, value }, place) => {
          const before = steps.slice(0, place).reduce((sum, step) => sum + step.value, 0);
          const scale = 100 / Math.max(roundTrip, 0.001);
          return <rect key={name} class={`step-${place}`} x={before * scale} y="0" width={value * scale} height="4" />;
        })}
      </svg>
      <dl>
        {steps.map(({ name, value }, place) => (
          <div key={name}>
            <dt>
              <i class={`step-${place}`} />
              {name}
            </dt>
            <dd>{milliseconds(value)}</dd>
          </div>
        ))}
        <div>
          <dt>compared at full precision</dt>
          <dd>{count(candidates)}</dd>
        </div>
        {words !== undefined && (
          <div>
            <dt>match a keyword</dt>
            <dd>{count(words.matching)}</dd>
          </div>
        )}
        {matching !== null && (
          <div>
            <dt>match the filter</dt>
            <dd>{count(matching)}</dd>
          </div>
        )}
      </dl>
    </details>
  );
}

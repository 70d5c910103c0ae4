import { type FacetChoice, toggled, valueText } from "../narrowing.ts";
import { Icon } from "./icon.tsx";

interface ChoiceChipsProps {
  readonly choices: readonly FacetChoice[];
  readonly onChoices: (choices: readonly FacetChoice[]) => void;
}

/** What a search is narrowed to, above its hits, as the facets may be folded up. */
export function ChoiceChips({ choices, onChoices }: ChoiceChipsProps) {
  if (choices.length === 0) return null;
  return (
    <ul class="chips" aria-label="Narrowed to">
      {choices.map((choice) => {
        const text = `${choice.field}: ${valueText(choice.value)}`;
        return (
          <li key={`${choice.field} ${typeof choice.value} ${String(choice.value)}`}>
            <button
              type="button"
              class="chip"
              title={text}
              aria-label={`Widen by ${text}`}
              onClick={() => onChoices(toggled(choices, choice))}
            >
              <span class="name">
                {choice.field}: <b>{valueText(choice.value)}</b>
              </span>
              <Icon name="close" />
            </button>
          </li>
        );
      })}
    </ul>
  );
}

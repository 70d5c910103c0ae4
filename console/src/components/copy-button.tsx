import { useSignal } from "@preact/signals";
import { announce } from "./announcer.tsx";
import { Icon } from "./icon.tsx";

interface CopyButtonProps {
  readonly text: string;
  /** What the text is, such as: id. */
  readonly what: string;
}

/** Copies a text exactly, whatever is shown of it. */
export function CopyButton({ text, what }: CopyButtonProps) {
  const copied = useSignal(false);
  const write = async () => {
    copied.value = await copy(text);
    announce(copied.value ? `Copied ${what}` : `The ${what} could not be copied`);
  };
  return (
    <button type="button" class="quiet small" title={text} onClick={() => void write()}>
      <Icon name={copied.value ? "check" : "copy"} />
      Copy {what}
    </button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** Browsers have no `navigator.clipboard` on a page that came without TLS from another machine. */
function copyBySelection(text: string): boolean {
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "unseen";
  const focused = document.activeElement;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}

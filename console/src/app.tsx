import { useEffect, useRef } from "preact/hooks";
import { Announcer } from "./components/announcer.tsx";
import favicon from "./favicon.svg";
import { Icon } from "./components/icon.tsx";
import { compact, time } from "./format.ts";
import { libraries, type WatchedLibrary, watchedLibrary } from "./state/libraries.ts";
import { addressOf, route } from "./state/route.ts";
import { awaySince } from "./state/server.ts";
import { theme, themes } from "./state/theme.ts";
import { Sparkline } from "./components/sparkline.tsx";
import { HealthView } from "./views/health.tsx";
import { HomeView } from "./views/home.tsx";
import { KeyCard } from "./views/key-card.tsx";
import { KeyPrompt, RefusalBanner } from "./views/key-prompt.tsx";
import { LibraryView } from "./views/library.tsx";

/** Maximum of libraries in the sidebar; the home page has all of them. */
const inSidebar = 40;

export function App() {
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the content
      </a>
      <div class="frame">
        <Sidebar />
        <Main />
      </div>
      <KeyPrompt />
      <Announcer />
    </>
  );
}

/** The route is in the hash, so the link moves the focus itself. */
function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

const here = (is: boolean) => (is ? "page" : undefined);

/** The first libraries, and the one that is open. */
function librariesAside(): readonly WatchedLibrary[] {
  const first = (libraries.value ?? []).slice(0, inSidebar);
  const current = route.value;
  const open = current.view === "library" ? watchedLibrary(current.id) : undefined;
  return open === undefined || first.some(({ library }) => library.id === open.library.id) ? first : [...first, open];
}

function Sidebar() {
  const current = route.value;
  return (
    <header class="sidebar">
      <a class="brand" href={addressOf.home} aria-label="arrwDB, all libraries">
        <img src={favicon} alt="" width="24" height="24" />
        arrwDB
      </a>
      <nav aria-label="Libraries">
        <a href={addressOf.home} aria-current={here(current.view === "home")}>
          Libraries
        </a>
        <ul>
          {librariesAside().map((watched) => (
            <LibraryLink key={watched.library.id} {...watched} />
          ))}
        </ul>
        <a href={addressOf.health} aria-current={here(current.view === "health")}>
          <Icon name="health" />
          Server
        </a>
      </nav>
      <KeyCard />
      <p class="documents">
        <a href="docs/guide">Guide</a>
        <a href="docs">API</a>
      </p>
      <fieldset class="switch">
        <legend class="unseen">Colours</legend>
        {themes.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="theme"
              value={one}
              checked={theme.value === one}
              onChange={() => (theme.value = one)}
            />
            <span>{one}</span>
          </label>
        ))}
      </fieldset>
    </header>
  );
}

function LibraryLink({ library, rates }: WatchedLibrary) {
  const current = route.value;
  const isHere = current.view === "library" && current.id === library.id;
  const link = useRef<HTMLAnchorElement>(null);
  useEffect(() => {
    if (isHere) link.current?.scrollIntoView({ block: "nearest" });
  }, [isHere]);
  return (
    <li>
      <a ref={link} href={addressOf.library(library.id)} aria-current={isHere ? "page" : undefined}>
        <span class="name">{library.name}</span>
        <Sparkline values={rates} />
        <span class="number">{compact(library.num_documents)}</span>
      </a>
    </li>
  );
}

function Main() {
  const current = route.value;
  const element = useRef<HTMLElement>(null);
  const place = current.view === "library" ? current.id : current.view;
  const first = useRef(true);
  useEffect(() => {
    // After a navigation, the new page is announced; after the first load, the focus stays.
    if (!first.current) element.current?.focus();
    first.current = false;
  }, [place]);
  return (
    <main id="main" ref={element} tabIndex={-1}>
      <AwayBanner />
      <RefusalBanner />
      {current.view === "home" && <HomeView />}
      {current.view === "health" && <HealthView />}
      {current.view === "library" && <LibraryView key={current.id} {...current} />}
    </main>
  );
}

function AwayBanner() {
  const since = awaySince.value;
  return (
    <div role="status">
      {since !== undefined && (
        <p class="banner">
          Connection lost at {time(since)}. The page reconnects automatically; no acknowledged data is lost.
        </p>
      )}
    </div>
  );
}

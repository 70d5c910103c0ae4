/** Node before 24 warns, once per thread, that its SQLite is experimental: true, but nothing that whoever runs arrwDB can change. */
const isWarned = Number.parseInt(process.versions.node) < 24;

/** Leaves the warning out in this thread. To be called before anything imports `node:sqlite`. */
export function hideSqliteWarning(): void {
  if (!isWarned) return;
  process.emitWarning = new Proxy(process.emitWarning.bind(process), {
    apply: (emit, self, args: unknown[]) => {
      if (!String(args[0]).startsWith("SQLite is an experimental feature")) Reflect.apply(emit, self, args);
    },
  });
}

/** Options of threads that leave it out as well. */
export const threadOptions: { readonly execArgv?: string[] } = isWarned
  ? { execArgv: ["--disable-warning=ExperimentalWarning"] }
  : {};

import { z } from "zod";

/** What the settings are about, in the order in which they are listed. */
export const sections = ["Network", "Access", "Limits", "Data", "Embedding", "Webhooks", "Logging"] as const;

/** The documentation of a setting. */
export interface SettingInfo {
  readonly section: (typeof sections)[number];
  /** In Markdown, with links from the project's directory. `--help` shows the text of it. */
  readonly description: string;
  /** Stands for the value: `--port <number>`. */
  readonly placeholder: string;
  /** The behaviour without it, if there is no default or it needs an explanation. */
  readonly unset?: string;
  /** Has no flag, since other users can see flags, and its value is never shown. */
  readonly secret?: true;
  /** The embedding providers that use it, with an example of a model. Default is all. */
  readonly usedBy?: { readonly providers: readonly string[]; readonly example: string };
}

/** A setting of the table, with its names. */
export interface Setting extends SettingInfo {
  /** Of the environment variable. */
  readonly name: string;
  /** Without dashes; undefined for secrets. */
  readonly flag: string | undefined;
  readonly default: string | undefined;
}

interface Registered extends SettingInfo {
  readonly default?: string | number | undefined;
}

const registry = z.registry<Registered>();

/** An entry of the table: the schema of the value as text, and its documentation. The default is parsed as if given. */
export function setting<S extends z.ZodType>(
  schema: S,
  info: SettingInfo & { readonly default: z.input<S> & (string | number) },
): z.ZodPrefault<S>;
export function setting<S extends z.ZodType>(schema: S, info: SettingInfo): z.ZodOptional<S>;
export function setting(schema: z.ZodType, info: Registered): z.ZodType {
  const entry = info.default === undefined ? schema.optional() : z.prefault(schema, info.default);
  registry.add(entry, info);
  return entry;
}

/** The settings of a table, with the flags that follow from their names: `ARRWDB_DATA_DIR` is `--data-dir`. */
export function settingsOf(table: z.ZodObject): readonly Setting[] {
  return Object.entries(table.shape).map(([name, entry]) => {
    const info = registry.get(entry);
    if (info === undefined) throw new Error(`${name} is not made by setting()`);
    const flag = info.secret === true ? undefined : flagOf(name);
    return { ...info, name, flag, default: info.default?.toString() };
  });
}

const flagOf = (name: string) =>
  name
    .replace(/^ARRWDB_/, "")
    .toLowerCase()
    .replaceAll("_", "-");

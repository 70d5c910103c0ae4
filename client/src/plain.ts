/** The type with all its fields expanded, for editors. */
export type Plain<Fields> = Fields extends unknown ? { [Name in keyof Fields]: Fields[Name] } : never;

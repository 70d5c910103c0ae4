/** It brings no types; what it gives is parsed by a schema. */
declare module "parse-prometheus-text-format" {
  const parse: (text: string) => unknown;
  // eslint-disable-next-line import/no-default-export -- as the package has it
  export default parse;
}

/** The style of the guide: follows the system's colours, and needs no font but the system's. */
export const guideStyle = `:root {
  color-scheme: light dark;
  --ground: #fff; --soft: #f4f6f8; --line: #d5dbe1; --text: #1b1f24; --faint: #55606b; --link: #0b57d0;
  --comment: #5c6670; --string: #0a6b38; --keyword: #8a2b9e; --number: #9a3b00; --name: #0550ae;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #15181b; --soft: #1e2327; --line: #3a4249; --text: #e3e7ea; --faint: #a3aeb8; --link: #8ab4f8;
    --comment: #98a3ad; --string: #8fd6a5; --keyword: #dba7ee; --number: #f2b280; --name: #9cc7ff;
  }
}
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.6 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 2px; }
main:focus { outline: none; }
.skip { position: absolute; left: -100vw; background: var(--ground); padding: 0.5rem 1rem; z-index: 1; }
.skip:focus { left: 0; }
header {
  display: flex; flex-wrap: wrap; gap: 0.25rem 1.5rem; align-items: baseline; padding: 0.75rem 1.25rem;
  border-bottom: 1px solid var(--line);
}
header a { text-decoration: none; }
header > a { color: inherit; font-size: 1.1rem; }
header nav { display: flex; gap: 1rem; margin-left: auto; }
.narrow { display: none; }
.columns {
  display: grid; grid-template-columns: 14rem minmax(0, 48rem) 14rem; gap: 2.5rem; justify-content: center;
  padding: 0 1.25rem;
}
.pages, .contents {
  position: sticky; top: 0; align-self: start; max-height: 100vh; overflow-y: auto; padding: 1.5rem 0.25rem;
  font-size: 0.9rem; line-height: 1.4;
}
nav p { margin: 1rem 0 0.25rem; color: var(--faint); font-weight: 600; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li a { display: block; padding: 0.2rem 0.5rem; border-radius: 4px; text-decoration: none; overflow-wrap: anywhere; }
nav li a:hover { background: var(--soft); text-decoration: underline; }
nav a[aria-current] { background: var(--soft); color: inherit; font-weight: 600; }
.depth-3 { padding-left: 0.75rem; }
main { padding: 1.5rem 0 4rem; min-width: 0; overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; margin: 2em 0 0.6em; text-wrap: balance; }
h1 { font-size: 2rem; margin-top: 0.25em; }
h2 { font-size: 1.45rem; padding-bottom: 0.25rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.15rem; }
.anchor { margin-left: 0.4em; opacity: 0; text-decoration: none; font-weight: 400; }
:is(h2, h3, h4):hover .anchor { opacity: 1; }
:target { background: color-mix(in srgb, var(--link) 15%, transparent); }
code { font: 0.875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
:not(pre) > code { background: var(--soft); padding: 0.1em 0.3em; border-radius: 4px; overflow-wrap: anywhere; }
pre {
  background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: 0.75rem 1rem; overflow-x: auto;
}
pre.output { background: none; border-style: dashed; }
pre + pre.output { margin-top: -0.5rem; }
h3 code { font-size: 0.95em; font-weight: 600; }
pre .comment { color: var(--comment); font-style: italic; }
pre .string { color: var(--string); }
pre .keyword { color: var(--keyword); }
pre .number { color: var(--number); }
pre .name { color: var(--name); }
.table { overflow-x: auto; margin: 1rem 0; }
table { border-collapse: collapse; min-width: 60%; font-size: 0.92rem; }
th, td { border: 1px solid var(--line); padding: 0.4rem 0.65rem; text-align: left; vertical-align: top; }
th { background: var(--soft); }
td > code:only-child { overflow-wrap: normal; }
img { max-width: 100%; height: auto; border: 1px solid var(--line); border-radius: 6px; }
blockquote { margin: 1rem 0; padding: 0 1rem; border-left: 3px solid var(--line); color: var(--faint); }
.source { border-bottom: 1px dotted var(--faint); }
.neighbours { display: flex; flex-wrap: wrap; gap: 1rem; margin-top: 4rem; }
.neighbours a { flex: 1 1 12rem; padding: 0.75rem 1rem; border: 1px solid var(--line); border-radius: 6px; text-decoration: none; }
.neighbours a[rel="next"] { text-align: right; }
.neighbours small { display: block; color: var(--faint); }
@media (max-width: 76rem) {
  .columns { grid-template-columns: 14rem minmax(0, 48rem); }
  .contents { display: none; }
}
@media (max-width: 52rem) {
  .columns { display: block; }
  .pages { display: none; }
  .narrow { display: block; border-bottom: 1px solid var(--line); padding: 0.5rem 1.25rem; }
  .on-page p { display: none; }
  .narrow summary { padding: 0.35rem 0; cursor: pointer; }
  h1 { font-size: 1.6rem; }
}
@media print {
  header, .narrow, .pages, .contents, .neighbours, .anchor, .skip { display: none; }
  .columns { display: block; }
  pre { white-space: pre-wrap; }
}
`;

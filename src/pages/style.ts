/*
 * One style sheet for all pages: phone first, light and dark, no font and no image to fetch. Colours of states have at
 * least 4.5:1 against both grounds (WCAG 1.4.3, 1.4.11), and each state has a shape of its own (1.4.1).
 */

const css = `
:root { color-scheme: light dark; --ground: #f5f6f4; --paper: #fff; --ink: #17211f; --soft: #53605c; --line: #dde3e0;
  --accent: #0b5c6b; --up: #1f7a4d; --degraded: #9a5800; --cut: #b3261e; --unknown: #626d69; --maintenance: #2b5fb3;
  --band: #bcd9de; --gap: #e1e6e3; }
@media (prefers-color-scheme: dark) { :root { --ground: #101615; --paper: #18201e; --ink: #e5ecea; --soft: #9fb0ab;
  --line: #2b3734; --accent: #74c9d8; --up: #5cc38a; --degraded: #e5a54b; --cut: #ff8379; --unknown: #a5b1ad;
  --maintenance: #86b4ff; --band: #27505a; --gap: #2a3532; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: .2em; }
a:focus-visible, summary:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
ul, ol, dl, dd { margin: 0; padding: 0; list-style: none; }
p, h1, h2, h3 { margin: 0; }
h1 { font-size: 1.4rem; line-height: 1.2; font-weight: 650; letter-spacing: -.01em; text-wrap: balance; }
h2 { font-size: 1.1rem; line-height: 1.3; font-weight: 650; margin-bottom: .6rem; }
h3 { font-size: 1rem; font-weight: 600; }
h2.small { font-size: .9rem; margin: 1rem 0 .25rem; }
header, main, footer { max-width: 58rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: .1rem 1rem; padding-top: .9rem; padding-bottom: .9rem;
  font-size: .875rem; color: var(--soft); }
.brand { color: var(--accent); text-decoration: none; font-size: 1rem; }
.brand svg { vertical-align: -.15em; margin-right: .45rem; width: 26px; }
.area { flex: 1 1 auto; }
section { margin-top: 2rem; }
section.answer { margin-top: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 10px;
  padding: 1.25rem 1rem; }
footer { margin-top: 3rem; padding-top: 1rem; padding-bottom: 2rem; font-size: .8125rem; color: var(--soft); }
footer p { max-width: 44rem; }
footer nav { display: flex; flex-wrap: wrap; gap: .2rem 1.2rem; margin-bottom: .6rem; }
.soft, .note, .kind { color: var(--soft); font-size: .9rem; }
.note { font-size: .8125rem; margin-top: .5rem; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--paper); padding: .5rem; }

.up { color: var(--up); } .degraded { color: var(--degraded); } .cut, .down, .unreachable { color: var(--cut); }
.unknown, .off { color: var(--unknown); } .maintenance { color: var(--maintenance); }
.s { font-weight: 600; white-space: nowrap; }
.m { display: inline-block; width: .72em; height: .72em; background: currentColor; margin-right: .15em; flex: none;
  forced-color-adjust: none; print-color-adjust: exact; }
.m.up { border-radius: 50%; }
.m.degraded { clip-path: polygon(50% 2%, 100% 98%, 0 98%); }
.m.cut, .m.down { clip-path: polygon(18% 0, 50% 32%, 82% 0, 100% 18%, 68% 50%, 100% 82%, 82% 100%, 50% 68%, 18% 100%, 0 82%, 32% 50%, 0 18%); }
.m.unreachable { clip-path: polygon(50% 0, 100% 50%, 50% 100%, 0 50%); }
.m.maintenance { clip-path: polygon(8% 0, 40% 0, 40% 100%, 8% 100%, 8% 0, 60% 0, 92% 0, 92% 100%, 60% 100%, 60% 0); }
.m.off { height: .22em; margin-bottom: .25em; }
.m.unknown { background: none; border: 2px dotted; border-radius: 50%; }

.bar { display: block; margin-top: 1rem; }
rect { fill: currentColor; forced-color-adjust: none; print-color-adjust: exact; }
rect.unknown { fill-opacity: .55; }
.legend { display: flex; flex-wrap: wrap; gap: .15rem 1.1rem; margin-top: .5rem; font-size: .875rem; color: var(--soft); }
.legend li { display: flex; align-items: center; gap: .3rem; }
.legend b { color: var(--ink); font-weight: 600; }
.services { margin-top: 1rem; border-top: 1px solid var(--line); }
.services li { display: flex; gap: .6rem; padding-top: .9rem; }
.services .m { margin-top: .4em; width: .85rem; height: .85rem; }
.lead b { font-weight: 650; }

.calm { color: var(--soft); }
.cards { display: grid; gap: .6rem; }
.card { background: var(--paper); border: 1px solid var(--line); border-left: 4px solid; border-radius: 6px;
  padding: .7rem .9rem; }
.card p, .card a, .card h3 { color: var(--ink); }
.card .soft { color: var(--soft); }
.card .m { color: var(--cut); }
.card.maintenance .m { color: var(--maintenance); } .card.degraded .m { color: var(--degraded); }

.tree, .boxed { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; }
.tree + .tree { margin-top: 1rem; }
.tree > .rows, .tree > .together { padding: .6rem 1rem; }
.tree details { border-top: 1px solid var(--line); }
summary { cursor: pointer; }
.tree summary { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 1rem; padding: .65rem 1rem; list-style: none; }
.tree summary::-webkit-details-marker { display: none; }
.tree .name { flex: 1 1 10rem; font-weight: 600; }
.tree .name::before { content: ""; display: inline-block; width: .4rem; height: .4rem; border: solid var(--soft);
  border-width: 0 2px 2px 0; transform: rotate(-45deg); margin-right: .7rem; vertical-align: .12em; }
.tree details[open] > summary .name::before { transform: rotate(45deg); }
.n { display: flex; flex-wrap: wrap; gap: 0 .9rem; font-size: .875rem; color: var(--soft); padding-left: 1.1rem; }
.n span { white-space: nowrap; }
.rows, .together { padding: .1rem 1rem .7rem 2.1rem; }
.rows.boxed { padding: .3rem 1rem; }
.rows li { display: flex; flex-wrap: wrap; gap: 0 .8rem; padding: .4rem 0; border-top: 1px solid var(--line); }
.rows li:first-child { border-top: 0; }
.rows a { flex: 1 1 9rem; }
.rows .s { font-size: .9rem; }
.rows span { flex: 1 0 100%; font-size: .875rem; color: var(--soft); }
.together { display: flex; flex-wrap: wrap; gap: .1rem .9rem; font-size: .9375rem; }
.together ul { display: flex; flex-wrap: wrap; gap: .1rem 1rem; }
.together a { color: var(--ink); text-decoration-color: var(--line); display: inline-block; padding: .15rem 0; }
.together p { padding: .15rem 0; } .together small { color: var(--soft); display: block; }

.crumbs { font-size: .875rem; margin-bottom: .75rem; color: var(--soft); }
.crumbs ol { display: flex; flex-wrap: wrap; gap: 0 .4rem; }
.crumbs li + li::before { content: "/"; margin-right: .4rem; color: var(--soft); }
.kind { margin-bottom: .15rem; }
.now { margin: .7rem 0 .25rem; font-size: 1.0625rem; }
.now .s { margin-right: .5rem; }
.facts { font-size: .9375rem; color: var(--soft); padding-left: 1.1rem; list-style: disc; }
.about { display: grid; gap: 1rem; }
.about dd .soft { display: block; }
.about dt { font-weight: 600; font-size: .875rem; color: var(--soft); }

.chart, .day { display: block; overflow: visible; }
.chart { margin: .75rem 0 0 4rem; width: calc(100% - 4rem); }
.chart text { font-size: 12px; fill: var(--soft); }
.chart line { stroke: var(--line); stroke-width: 1; }
.hours line { stroke: var(--soft); }
.median { fill: none; stroke: var(--accent); stroke-width: 2; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
.band { fill: var(--band); } .loss { fill: var(--cut); } .gap { fill: var(--gap); }
.tick { fill: none; stroke: var(--line); vector-effect: non-scaling-stroke; }
.k { display: inline-block; width: 1rem; height: .75rem; border-radius: 2px; }
.k.median { height: 0; border-top: 2px solid var(--accent); } .k.band { background: var(--band); }
.k.loss { background: var(--cut); width: .3rem; } .k.gap { background: var(--gap); border: 1px solid var(--line); }

table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
th { text-align: left; font-weight: 600; }
th, td { vertical-align: top; }
.week tr { display: grid; grid-template-columns: 5.5rem 1fr; gap: 0 .75rem; padding: .35rem 0; }
.week th { font-weight: 400; font-size: .875rem; white-space: nowrap; }
.week td { padding: 0; }
.week .sums { grid-column: 2; font-size: .8125rem; color: var(--soft); }
.bars { margin-top: .5rem; } .bars tr { display: grid; grid-template-columns: 1fr auto; gap: 0 1rem; padding: .3rem 0; }
.bars th { font-weight: 400; } .bars .pic { grid-column: 1 / -1; grid-row: 2; } .bars td { text-align: right; }
.bars svg { display: block; overflow: hidden; } .bars rect { fill: currentColor; }
.others { margin-bottom: .75rem; }
.tabs { display: flex; flex-wrap: wrap; border-bottom: 1px solid var(--line); }
.tabs a, .tabs b { display: block; padding: .35rem .9rem; } .tabs b { border-bottom: 3px solid var(--accent); }
.figures + .figures { margin-top: 1.25rem; }
.figures caption { text-align: left; font-weight: 600; padding: .9rem 0 .25rem; }
.figures th, .figures td { padding: .4rem .75rem .4rem 0; border-top: 1px solid var(--line); }
.figures thead th { border: 0; color: var(--soft); font-size: .875rem; }
.figures tbody th { font-weight: 400; }
.figures .main td { font-weight: 650; font-size: 1.0625rem; }
.figures .sub th { padding-left: 1rem; color: var(--soft); }
.figures td { font-variant-numeric: tabular-nums; }
.stack thead { position: absolute; clip-path: inset(50%); }
.stack tr { display: block; border-top: 1px solid var(--line); padding: .5rem 0; }
.stack td { display: grid; grid-template-columns: 6rem 1fr; gap: .5rem; padding: .1rem 0; }
.stack td::before { content: attr(data-l); color: var(--soft); font-size: .875rem; }
.more ul { list-style: disc; padding-left: 1.1rem; color: var(--soft); font-size: .875rem; }
pre { overflow: auto; padding: .6rem .8rem; background: var(--paper); border: 1px solid var(--line); font-size: .8125rem; }
code { overflow-wrap: anywhere; } .address, td:first-child code { overflow-wrap: break-word; } .rows small { display: block; }
.more .count { color: var(--accent); font-size: .8125rem; white-space: nowrap; }

@media (min-width: 44rem) {
  h1 { font-size: 1.875rem; }
  section.answer { padding: 1.75rem; }
  .cards { grid-template-columns: repeat(auto-fill, minmax(25rem, 1fr)); }
  .about { grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1.5rem; }
  .rows li { display: grid; grid-template-columns: 13rem 12rem 1fr; gap: 0 1rem; align-items: baseline; }
  .halves li { grid-template-columns: 1fr 1fr; } .files li { grid-template-columns: 10rem 1fr auto; }
  .together { display: grid; grid-template-columns: auto 1fr; gap: 0 1.5rem; }
  .week tr { grid-template-columns: 6rem minmax(0, 3fr) minmax(0, 2fr); align-items: center; }
  .week .sums { grid-column: 3; }
  .figures { table-layout: fixed; } .figures.narrow { max-width: 26rem; }
  .bars tr { grid-template-columns: 16rem 1fr 15rem; align-items: center; }
  .bars .pic { grid-column: 2; grid-row: 1; } .bars td { text-align: left; }
  .stack thead { position: static; clip-path: none; }
  .stack tr { display: table-row; }
  .stack td, .stack th { display: table-cell; padding: .5rem .9rem .5rem 0; border-top: 1px solid var(--line); }
  .stack th { border: 0; color: var(--soft); font-size: .875rem; white-space: nowrap; }
  .stack td::before { content: none; }
}
`;

/** Without what only people need. Has no line break, so that nothing later on changes it: its hash is in the policy. */
export const styleSheet = css
  .trim()
  .replaceAll(/\s+/g, " ")
  .replaceAll(/ ?([{};,]) ?/g, "$1")
  .replaceAll(": ", ":")
  .replaceAll(";}", "}");

import { createHash } from 'node:crypto';
import { COLOURS, FONT, MONO, TONES } from '../../notifications/emails/style.ts';

/** Text on its ground at 4.5:1 at least, bars and lines at 3:1, in both schemes. */
const LIGHT = {
  ...{ page: COLOURS.page, card: COLOURS.card, ink: COLOURS.ink, muted: COLOURS.muted, line: COLOURS.line },
  ...{ link: COLOURS.link, code: COLOURS.code },
  ...{ good: TONES.good.ink, 'good-ground': TONES.good.ground },
  ...{ warn: TONES.warn.ink, 'warn-ground': TONES.warn.ground },
  ...{ bad: TONES.bad.ink, 'bad-ground': TONES.bad.ground },
  ...{ 'bar-good': '#2f8f5b', 'bar-warn': '#b8720f', 'bar-bad': '#c22f2b', 'bar-none': '#8a94a3' },
};

const DARK: Record<keyof typeof LIGHT, string> = {
  ...{ page: '#0e1116', card: '#171b22', ink: '#eceff4', muted: '#a3adba', line: '#2d333d' },
  ...{ link: '#9dbcff', code: '#0e1116' },
  ...{ good: '#7ed8a0', 'good-ground': '#12291c' },
  ...{ warn: '#f2bd6b', 'warn-ground': '#30230d' },
  ...{ bad: '#ff9c96', 'bad-ground': '#351817' },
  ...{ 'bar-good': '#3fae73', 'bar-warn': '#d9922e', 'bar-bad': '#ea5a54', 'bar-none': '#6b7686' },
};

const variables = (colours: Record<keyof typeof LIGHT, string>): string =>
  Object.entries(colours)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

export const STYLE = `
:root{${variables(LIGHT)};color-scheme:light dark}
@media (prefers-color-scheme:dark){:root{${variables(DARK)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.45 ${FONT}}
main,footer,.top{max-width:1120px;margin:0 auto;padding:0 12px}
.top{display:flex;flex-wrap:wrap;justify-content:space-between;gap:0 16px;padding-top:16px;padding-bottom:10px;color:var(--muted);font-size:14px}
.top p{margin:0}.top .brand{font-weight:600}
a{color:var(--link)}
a:focus-visible,button:focus-visible,summary:focus-visible{outline:3px solid var(--link);outline-offset:2px}
h1{font-size:26px;line-height:1.2;margin:0;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 10px}
h3{font-size:16px;margin:0;overflow-wrap:anywhere}
p{margin:0}
ul{list-style:none;margin:0;padding:0}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:16px;margin:0 0 14px}
.verdict{border-top:4px solid var(--ink)}
.verdict.good{background:var(--good-ground);border-top-color:var(--good)}.good h1{color:var(--good)}
.verdict.warn{background:var(--warn-ground);border-top-color:var(--warn)}.warn h1{color:var(--warn)}
.verdict.bad{background:var(--bad-ground);border-top-color:var(--bad)}.bad h1{color:var(--bad)}
.verdict li{background:var(--card);border:1px solid var(--line);border-left-width:5px;border-radius:8px;padding:10px 12px;margin-top:10px}
.verdict li.bad{border-left-color:var(--bad)}.verdict li.warn{border-left-color:var(--warn)}
.card>p+ul{margin-top:10px}
.muted{color:var(--muted);font-size:14px}
.tag{display:inline-block;font-size:13px;font-weight:600;white-space:nowrap}
.tag.good{color:var(--good)}.tag.warn{color:var(--warn)}.tag.bad{color:var(--bad)}.tag.none{color:var(--muted)}
form+.muted{margin-top:6px}
button{min-height:44px;padding:10px 18px;margin-top:10px;border:0;border-radius:8px;background:#1d4ed8;color:#fff;font:600 16px/1.2 ${FONT};cursor:pointer}
button:hover{background:#1e40af}
code{font-family:${MONO};font-size:14px;background:var(--code);border:1px solid var(--line);border-radius:4px;padding:0 4px;overflow-wrap:anywhere}
.row{padding:12px 0;border-top:1px solid var(--line)}
.row:first-child{border-top:0;padding-top:0}.row:last-child{padding-bottom:0}
.head{display:flex;flex-wrap:wrap;justify-content:space-between;gap:2px 12px;align-items:baseline}
.bars{display:block;width:100%;height:34px;margin:6px 0 2px}
.ends{display:flex;justify-content:space-between;gap:8px;color:var(--muted);font-size:13px}
.b-good{fill:var(--bar-good)}.b-warn{fill:var(--bar-warn)}.b-bad{fill:var(--bar-bad)}.b-none{fill:var(--bar-none)}
details{font-size:14px;margin-top:4px}
summary{cursor:pointer;padding:4px 0;color:var(--link)}
.systems{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:8px 16px;padding:0 0 12px;margin:0 0 12px;border-bottom:1px solid var(--line)}
.systems li{display:flex;flex-direction:column}
.tiles{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:14px 16px}
.value{font-size:21px;font-weight:600;line-height:1.25;overflow-wrap:anywhere}
.spark{display:block;width:100%;height:30px;margin-top:4px}
.spark path{fill:none;stroke:var(--link);stroke-width:1.6;vector-effect:non-scaling-stroke}
.job{display:grid;grid-template-columns:minmax(0,1fr);gap:4px 18px}
.job dl,.facts{margin:2px 0 0;display:grid;grid-template-columns:auto minmax(0,1fr);gap:1px 10px;font-size:14px}
dt{color:var(--muted)}dd{margin:0;overflow-wrap:anywhere}
.trend{display:block;width:100%;max-width:240px;height:26px}
footer{color:var(--muted);font-size:14px;padding-top:4px;padding-bottom:28px}
footer p{margin:0 0 6px}
@media (min-width:760px){
.tiles{grid-template-columns:repeat(4,minmax(0,1fr))}
.targets{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 32px}
.targets .row{border-top:0;padding:0 0 16px}
.job{grid-template-columns:minmax(0,6fr) minmax(0,4fr) minmax(0,3fr);align-items:start}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 14px;align-items:stretch}
}`;

/** What the content security policy lets in on this page. */
export const STATUS_STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

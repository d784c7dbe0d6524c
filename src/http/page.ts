import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { COLOURS, FONT, MONO, TONES } from '../notifications/emails/style.ts';
import type { Locale } from '../notifications/index.ts';

export type Tone = keyof typeof TONES;
export type Page = ReturnType<typeof html>;

const tone = (name: Tone): string =>
  `.${name}{background:${TONES[name].ground};border-top:4px solid ${TONES[name].ink}}.${name} h1{color:${TONES[name].ink}}`;

const STYLE = `
*{box-sizing:border-box}
html{color-scheme:light dark;-webkit-text-size-adjust:100%}
body{margin:0;background:${COLOURS.page};color:${COLOURS.ink};font:16px/1.5 ${FONT}}
main{max-width:600px;margin:0 auto;padding:20px 12px 32px}
.brand,footer{color:${COLOURS.muted};font-size:14px;padding:0 4px}
.brand{font-weight:600;margin:0 0 12px}
.card{background:${COLOURS.card};border:1px solid ${COLOURS.line};border-radius:10px;overflow:hidden}
header{padding:20px 24px}
header p{margin:0}
.state{font-weight:600;font-size:15px}
h1{font-size:26px;line-height:1.25;margin:2px 0 4px;overflow-wrap:anywhere}
section{padding:4px 24px 20px}
h2{font-size:15px;margin:16px 0 4px}
.lead{margin:16px 0 0}
button{width:100%;min-height:56px;margin:20px 0 0;border:0;border-radius:8px;background:#1d4ed8;color:#fff;font:600 18px/1.2 ${FONT};cursor:pointer}
button:hover{background:#1e40af}
button:focus-visible{outline:3px solid #93b4fd;outline-offset:2px}
.apart{border-top:1px solid ${COLOURS.line}}
.quiet{background:none;color:inherit;border:1px solid #6b7280;font-size:16px;min-height:48px}
.quiet:hover{background:#6b728026}
.grave{background:#b42318}
.grave:hover{background:#912018}
a{color:#1d4ed8}
.note{color:${COLOURS.muted};font-size:14px;margin:10px 0 0}
dl{margin:16px 0 0}
dl div{display:flex;gap:12px;padding:8px 0;border-top:1px solid ${COLOURS.line}}
dl div:first-child{border-top:0}
dt{color:${COLOURS.muted};flex:0 0 112px;font-size:15px}
dd{margin:0;font-size:15px;overflow-wrap:anywhere;min-width:0}
ol{margin:4px 0 0;padding-left:22px}
li{margin:0 0 6px;overflow-wrap:anywhere}
code{font-family:${MONO};font-size:14px;background:${COLOURS.code};border-radius:4px;padding:1px 4px}
code span{white-space:nowrap}
footer{margin:16px 0 0}
${(Object.keys(TONES) as Tone[]).map(tone).join('\n')}
@media (max-width:480px){header{padding:18px}section{padding:2px 18px 18px}h1{font-size:23px}dt{flex-basis:104px}}
@media (prefers-color-scheme:dark){
body{background:#0e1116;color:#eceff4}
.card{background:#171b22;border-color:#2d333d}
.brand,footer,.note,dt{color:#a3adba}
dl div,.apart{border-color:#2d333d}
a{color:#9dbcff}
code{background:#0e1116}
.good{background:#12291c}.good h1{color:#7ed8a0}
.warn{background:#30230d}.warn h1{color:#f2bd6b}
.bad{background:#351817}.bad h1{color:#ff9c96}
.plain{background:#16213d}.plain h1{color:#9dbcff}
}`;

/** What the content security policy lets in: this style sheet, and no other. */
export const STYLE_HASH = `'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`;

export interface Frame {
  locale: Locale;
  /** Who speaks. */
  brand: string;
  footer: string;
  tone: Tone;
  state: string;
  title: string;
  line?: string;
  body?: Page;
}

/** Every page has this frame: one card, no script, nothing fetched from elsewhere. */
export const page = (frame: Frame): Page =>
  html`<!doctype html>
    <html lang="${frame.locale}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="robots" content="noindex" />
        <title>${frame.state}: ${frame.title}</title>
        ${raw(`<style>${STYLE}</style>`)}
      </head>
      <body>
        <main>
          <p class="brand">${frame.brand}</p>
          <div class="card">
            <header class="${frame.tone}">
              <p class="state">${frame.state}</p>
              <h1>${frame.title}</h1>
              ${frame.line === undefined ? '' : html`<p>${frame.line}</p>`}
            </header>
            ${frame.body ?? ''}
          </div>
          <footer>${frame.footer}</footer>
        </main>
      </body>
    </html>`;

/** Labels and what they say, one below the other. */
export const facts = (rows: readonly (readonly [string, string])[]): Page =>
  html`<dl>
    ${rows.map(
      ([label, value]) =>
        html`<div>
          <dt>${label}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;

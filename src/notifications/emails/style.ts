import type { Tone } from './letter.ts';

export const FONT =
  "-apple-system, BlinkMacSystemFont, 'Segoe UI', Roboto, 'Helvetica Neue', Arial, sans-serif";
export const MONO = 'Menlo, Consolas, monospace';

/** Contrast at least 4.5:1 on their ground, in both schemes. */
export const COLOURS = {
  page: '#f3f4f6',
  card: '#ffffff',
  ink: '#14181f',
  muted: '#5a6472',
  line: '#dfe3e8',
  code: '#f3f4f6',
  link: '#1d4ed8',
} as const;

/** Ink and ground of a verdict; its sign stands in white on the ink. */
export const TONES: Readonly<Record<Tone, { ink: string; ground: string }>> = {
  good: { ink: '#17663b', ground: '#edf7f0' },
  warn: { ink: '#8a4b08', ground: '#fdf5e6' },
  bad: { ink: '#a3201d', ground: '#fdefee' },
  plain: { ink: '#1d4ed8', ground: '#eef3fe' },
};

/** The dark scheme, for the clients that honour a media query; the others invert by themselves. */
export const STYLESHEET = `
body.page { background: ${COLOURS.page}; }
.h { padding: 7px 0; font-weight: 400; }
.n { padding: 7px 0 7px 12px; font-weight: 400; vertical-align: bottom; white-space: nowrap; }
.r { border-bottom: 1px solid ${COLOURS.line}; }
@media (prefers-color-scheme: dark) {
  body.page, .page { background: #0e1116 !important; }
  .card { background: #171b22 !important; border-color: #2d333d !important; }
  .ink { color: #eceff4 !important; }
  .muted { color: #a3adba !important; }
  .line, .r { border-color: #2d333d !important; }
  .code { background: #0e1116 !important; color: #eceff4 !important; border-color: #2d333d !important; }
  .good { background: #12291c !important; }
  .warn { background: #30230d !important; }
  .bad { background: #351817 !important; }
  .plain { background: #16213d !important; }
  .good-ink { color: #7ed8a0 !important; }
  .warn-ink { color: #f2bd6b !important; }
  .warn-edge { border-color: #f2bd6b !important; }
  .bad-ink { color: #ff9c96 !important; }
  .plain-ink { color: #9dbcff !important; }
  .button { border-color: #566072 !important; color: #eceff4 !important; }
}
@media (max-width: 480px) {
  .pad { padding-left: 18px !important; padding-right: 18px !important; }
  .tile { width: 50% !important; }
  .h, .n { font-size: 14px; }
  .n { padding-left: 8px; }
}`.replace(/\s*\n\s*/g, '');

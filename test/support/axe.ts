import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];
const TIMEOUT_MS = 45_000;

/** A real browser: contrast, widths and dark colours need one. Where there is none its tests are skipped, but never in CI. */
export async function findBrowser(): Promise<string | undefined> {
  for (const name of NAMES)
    if (
      await run(name, ['--version']).then(
        () => true,
        () => false,
      )
    )
      return name;
  if (process.env['CI']) throw new Error('Chromium is not there (Debian: apt-get install chromium)');
  console.warn('Skipped, the accessibility of pages: Chromium is not there');
  return undefined;
}

export interface Look {
  dark?: boolean;
  /** CSS pixels; a phone by default. */
  width?: number;
}

interface Found {
  violations: { id: string; nodes: { html: string }[] }[];
  passes: { id: string }[];
  sideways: number;
  width: number;
  dark: boolean;
}

/** Runs in the page, beside axe itself. */
const ASK = `addEventListener('load', () => axe.run(document).then(({ violations, passes }) => parent.postMessage({
  violations, passes, width: innerWidth, sideways: document.documentElement.scrollWidth - innerWidth,
  dark: matchMedia('(prefers-color-scheme: dark)').matches }, '*')))`;

/** Windows of Chromium are 500 pixels wide at least; a frame may be a phone. */
const frame = (width: number): string => `<!doctype html><meta name="color-scheme" content="light dark">
<iframe src="page.html" width="${String(width)}" height="900" style="border:0"></iframe><p></p><script>
addEventListener('message', ({ data }) => { document.querySelector('p').textContent = '{' + encodeURIComponent(JSON.stringify(data)) + '}' })</script>`;

/**
 * What axe-core finds in a page that fetches nothing, as `rule: element`; a page that must be pushed sideways counts
 * too. Empty: clean.
 */
export async function axeFindings(
  browser: string,
  html: string,
  { dark = false, width = 375 }: Look = {},
): Promise<string[]> {
  const folder = await mkdtemp(path.join(tmpdir(), 'talos-axe-'));
  try {
    const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
    // After the page's own end: its first element stays the doctype.
    const page = `${html}<script src="${pathToFileURL(axe).href}"></script><script>${ASK}</script>`;
    await writeFile(path.join(folder, 'page.html'), page);
    await writeFile(path.join(folder, 'frame.html'), frame(width));
    const { stdout } = await run(
      browser,
      [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--allow-file-access-from-files'],
        // Blink's names: 0 dark, 1 light.
        `--blink-settings=preferredColorScheme=${dark ? '0' : '1'}`,
        ...[`--user-data-dir=${path.join(folder, 'profile')}`, '--virtual-time-budget=20000', '--dump-dom'],
        pathToFileURL(path.join(folder, 'frame.html')).href,
      ],
      { timeout: TIMEOUT_MS, maxBuffer: 32 * 1024 * 1024 },
    );
    const answer = /<p>\{(.*)\}<\/p>/.exec(stdout)?.[1];
    if (answer === undefined) throw new Error('the page gave no answer: axe did not run');
    const found = JSON.parse(decodeURIComponent(answer)) as Found;
    if (found.width !== width || found.dark !== dark) throw new Error('the browser showed another look');
    // No contrast looked at would be no check.
    if (![...found.passes, ...found.violations].some(({ id }) => id === 'color-contrast'))
      throw new Error('axe saw no text');
    return [
      ...found.violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html}`)),
      ...(found.sideways > 0 ? [`wider than the screen by ${String(found.sideways)} px`] : []),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A chart as a picture: mail programs show no SVG. resvg in WebAssembly, because it needs no system fonts or libraries. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Chart } from './chart.ts';
import { chartSvg } from './svg.ts';

const SCALE = 2;
const packages = createRequire(import.meta.url);
const FONT = '@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf';

let loaded: Promise<{ draw: (svg: string) => Uint8Array }> | undefined;

async function load(): Promise<{ draw: (svg: string) => Uint8Array }> {
  const { initWasm, Resvg } = await import('@resvg/resvg-wasm');
  const [wasm, font] = await Promise.all([
    readFile(packages.resolve('@resvg/resvg-wasm/index_bg.wasm')),
    readFile(packages.resolve(FONT)),
  ]);
  await initWasm(wasm);
  return {
    draw(svg) {
      const resvg = new Resvg(svg, {
        fitTo: { mode: 'zoom', value: SCALE },
        font: { fontBuffers: [font], defaultFontFamily: 'Inter', loadSystemFonts: false },
      });
      try {
        return resvg.render().asPng();
      } finally {
        resvg.free();
      }
    },
  };
}

/** Loaded with the first chart: 3 MB that no other process of ours needs. The same chart gives the same bytes. */
export async function chartPng(chart: Chart): Promise<Uint8Array> {
  loaded ??= load();
  return (await loaded).draw(chartSvg(chart));
}

import { stderr } from 'node:process';

const LINE_EVERY_MS = 5000;

/** Progress on stderr: one line that is written over on a terminal, elsewhere a line every few seconds. */
export interface ProgressLine {
  show: (text: string) => void;
  end: () => void;
}

export function progressLine(): ProgressLine {
  if (stderr.isTTY)
    return {
      show: (text) => void stderr.write(`\r\x1b[K${text.slice(0, stderr.columns - 1)}`),
      end: () => void stderr.write('\r\x1b[K'),
    };
  let last = 0;
  return {
    show(text) {
      if (Date.now() - last < LINE_EVERY_MS) return;
      last = Date.now();
      stderr.write(`${text}\n`);
    },
    end: () => undefined,
  };
}

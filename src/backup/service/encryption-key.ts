import type { EntryHeader } from './archive-writer.ts';

/** Files above this are no settings. */
const LARGEST = 1_048_576;

/**
 * n8n's key as people keep it: `N8N_ENCRYPTION_KEY=…` in an environment file or unit, `N8N_ENCRYPTION_KEY: …` in a
 * compose file. A comment, an empty value and a reference (`${…}`) are no key.
 */
const SETTING =
  /^[ \t]*(?:export[ \t]+|-[ \t]*|Environment=)?["']?N8N_ENCRYPTION_KEY["']?[ \t]*[=:][ \t]*["']?[^\s"'$#]/m;
/** n8n's own file, `~/.n8n/config`. */
const CONFIG = /"encryptionKey"\s*:\s*"[^"]+"/;

/** Looks for n8n's key in what passes; keeps nothing. */
export function keyFinder(): {
  watch(header: EntryHeader): ((chunk: Buffer) => void) | undefined;
  found(): boolean;
} {
  let found = false;
  return {
    watch({ name, type, size = 0 }) {
      if (found || type !== 'file' || size === 0 || size > LARGEST) return undefined;
      let text = '';
      return (chunk) => {
        text += chunk.toString('latin1');
        if (text.length === size)
          found ||= SETTING.test(text) || (name.endsWith('/config') && CONFIG.test(text));
      };
    },
    found: () => found,
  };
}

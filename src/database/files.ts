import { readFile, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

// Two levels up both from src/database/ and from dist/database/.
const root = new URL('../../database/', import.meta.url);

/** The path of something below `database/`. */
export const databasePath = (name: string): string => fileURLToPath(new URL(name, root));

export const readDatabaseFile = (name: string): Promise<string> => readFile(databasePath(name), 'utf8');

export const ADAPTER_FILE = databasePath('adapters/talosprimes.sql');

export async function readAdapter(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const known = (await readdir(databasePath('adapters'))).map((name) => databasePath(`adapters/${name}`));
    throw new Error(`--adapter ${file}: cannot be read. Ours are: ${known.join(', ')}`, { cause: error });
  }
}

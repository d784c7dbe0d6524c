import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export interface ComposeService {
  image?: string;
  build?: string;
  command?: string[];
  restart?: string;
  environment?: Record<string, string>;
  env_file?: string[];
  ports?: string[];
  volumes?: (string | { source: string })[];
  depends_on?: Record<string, { condition: string }>;
  profiles?: string[];
  stop_grace_period?: string;
  healthcheck?: object;
}

export interface Compose {
  services: Record<string, ComposeService>;
  volumes: Record<string, unknown>;
}

const root = path.resolve(import.meta.dirname, '../..');

/** `docker-compose.yml` with its merges done, as Docker reads it before variables are put in. */
export const readCompose = (): Compose =>
  parse(readFileSync(path.join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose;

/** Puts in variables as Compose does; one that is required and absent is an error. */
function interpolate(text: string, variables: Record<string, string>): string {
  return text.replaceAll(
    /\$(?:\$|\{(\w+)(?::([-?])([^}]*))?\})/g,
    (all, name?: string, kind?: string, rest?: string) => {
      if (name === undefined) return '$';
      const value = variables[name];
      if (value) return value;
      if (kind === '-') return rest ?? '';
      throw new Error(`${all}: ${name} is not set`);
    },
  );
}

/** What a service's container would have in its environment, with this `.env`. */
export function environmentOf(
  { env_file, environment = {} }: ComposeService,
  dotenv: Record<string, string>,
): Record<string, string> {
  const own = Object.entries(environment).map(([name, value]) => [name, interpolate(value, dotenv)]);
  return { ...(env_file?.includes('.env') ? dotenv : {}), ...(Object.fromEntries(own) as object) };
}

import { basename } from 'node:path';
import { closest, distance } from 'fastest-levenshtein';
import { LineCounter, isMap, isScalar, parseDocument } from 'yaml';
import type { Document } from 'yaml';
import type { z } from 'zod';
import type { Mistake } from './mistakes.ts';
import { policyJsonSchema, policySchema } from './policy.ts';
import type { JsonSchema, Policy } from './policy.ts';
import { readOptional } from './sources.ts';

type Path = readonly PropertyKey[];

/** Reads the policy; a file that is absent means all defaults, unless somebody named it. */
export async function loadPolicy(
  path: string,
  required: boolean,
  mistakes: Mistake[],
): Promise<Policy | undefined> {
  const before = mistakes.length;
  const text = await readOptional(path, mistakes);
  if (text === undefined && required && mistakes.length === before) {
    mistakes.push({ setting: path, problem: 'does not exist', mend: 'Correct the path of the policy file.' });
  }
  return mistakes.length > before ? undefined : parsePolicy(text ?? '', basename(path), mistakes);
}

export function parsePolicy(text: string, file: string, mistakes: Mistake[]): Policy | undefined {
  const lines = new LineCounter();
  // Pretty errors would quote the line, which may hold what somebody pasted by mistake.
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number | undefined): string => {
    const { line, col } = lines.linePos(offset ?? 0);
    return offset === undefined || line === 0 ? file : `${file}:${line}:${col}`;
  };
  if (document.errors.length > 0) {
    for (const error of document.errors) {
      mistakes.push({
        setting: place(error.pos[0]),
        problem: `is not YAML (${error.code.toLowerCase().replaceAll('_', ' ')})`,
        mend: 'Check indentation, quotes and colons on this line and the one before.',
      });
    }
    return undefined;
  }
  // A section whose keys are all commented out is null in YAML, and left out for us.
  const given: unknown = document.toJS({ reviver: (_key, value: unknown) => value ?? undefined });
  const result = policySchema.safeParse(given ?? {});
  if (result.success) return result.data;
  const root = policyJsonSchema();
  for (const issue of result.error.issues) {
    const found =
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => unknownKey(root, issue.path, key))
        : [wrongValue(root, issue)];
    for (const { path, isKey, ...said } of found) {
      const where = `${place(offsetOf(document, path, isKey))} ${path.join('.')}`.trim();
      mistakes.push({ setting: where, ...said });
    }
  }
  return undefined;
}

type Finding = Omit<Mistake, 'setting'> & { path: Path; isKey: boolean };

const unknownKey = (root: JsonSchema, parent: Path, key: string): Finding => {
  const known = Object.keys(schemaAt(root, parent)?.properties ?? {});
  const nearest = closest(key, known);
  const isSlip = distance(key.toLowerCase(), nearest.toLowerCase()) <= Math.max(2, key.length / 3);
  const mend = isSlip ? `Did you mean ${nearest}?` : `Known here: ${known.join(', ')}.`;
  return { path: [...parent, key], isKey: true, problem: 'is not a known key', mend };
};

const wrongValue = (root: JsonSchema, issue: z.core.$ZodIssue): Finding => {
  const schema = schemaAt(root, issue.path);
  const isSection = schema?.properties !== undefined;
  const standard = isSection ? '' : ` Default: ${JSON.stringify(schema?.default)}.`;
  // Our own messages go on from the key's name; zod's are sentences of their own.
  const said = issue.message.replace('Invalid input: ', '');
  const problem = said.startsWith('is ') ? said : `is wrong: ${said}`;
  return {
    path: issue.path,
    isKey: false,
    problem,
    mend: `Expected: ${schema?.description ?? ''}${standard}`,
  };
};

/** The schema at a path; an item of a list has its list's, which says what is expected. */
const schemaAt = (root: JsonSchema, path: Path): JsonSchema | undefined =>
  path.reduce<JsonSchema | undefined>(
    (schema, key) => (typeof key === 'number' ? schema : schema?.properties?.[String(key)]),
    root,
  );

/** Where a key, or the value under it, stands in the text. */
function offsetOf(document: Document, path: Path, isKey: boolean): number | undefined {
  if (path.length === 0) return undefined;
  if (isKey) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pairs = isMap(parent) ? parent.items : [];
    const key = pairs
      .map((pair) => pair.key)
      .find((name) => isScalar(name) && String(name.value) === path.at(-1));
    return isScalar(key) ? key.range?.[0] : undefined;
  }
  const node = document.getIn(path, true) as { range?: [number, number, number] | null } | undefined;
  return node?.range?.[0];
}

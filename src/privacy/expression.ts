/** Strategies as SQL. */
import { quote, type CatalogueColumn } from '../database/index.ts';
import type { Column } from './map.ts';

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** What the column becomes; undefined: it stays as it is. `default`: the next value of an identity. */
export function expressionOf(column: Column, there: CatalogueColumn): string | undefined {
  const { name, argument } = column.strategy;
  const own = quote(column.name);
  switch (name) {
    case 'keep':
    case 'delete_row':
      return undefined;
    case 'null':
    case 'unlink':
    case 'legal_store':
      return 'null';
    case 'fixed':
      return `${literal(argument)}::${there.type}`;
    case 'random_unique':
      if (there.type === 'uuid') return 'gen_random_uuid()';
      // A domain for addresses may want the form of one; `.invalid` never leads anywhere.
      return column.category === 'contact'
        ? `(gen_random_uuid()::text || '@anonyme.invalid')::${there.type}`
        : `gen_random_uuid()::text::${there.type}`;
    case 'generalise':
      return there.type.includes('with time zone')
        ? `date_trunc('${argument}', ${own}, 'UTC')`
        : `date_trunc('${argument}', ${own}::timestamp)::${there.type}`;
    case 'json_allow': {
      const keys = argument.split(',').flatMap((key) => key.trim() || []);
      return `(select coalesce(jsonb_object_agg(key, value), '{}')
                 from jsonb_each(case jsonb_typeof(${own}::jsonb) when 'object' then ${own}::jsonb else '{}' end)
                where key = any (array[${keys.map(literal).join(', ')}]::text[]))::${there.type}`;
    }
    case 'rekey':
      return there.identity === '' ? 'gen_random_uuid()' : 'default';
  }
}

import { isGrpcServiceError } from '@temporalio/client';
import type { Client } from '@temporalio/client';

type Added = NonNullable<
  Parameters<Client['connection']['operatorService']['addSearchAttributes']>[0]['searchAttributes']
>[string];

// Numbers of temporal.api.enums.v1.IndexedValueType.
const KEYWORD = 2 as Added;
const DATETIME = 6 as Added;

/** What the Web UI and `temporal workflow list` can search for. No personal data: they are plain text everywhere. */
export const SEARCH_ATTRIBUTES: Readonly<Record<string, Added>> = {
  AccountId: KEYWORD,
  Phase: KEYWORD,
  AlertRule: KEYWORD,
  AlertLevel: KEYWORD,
  AlertState: KEYWORD,
  NextActionAt: DATETIME,
};

const ALREADY_EXISTS = 6;

/** Adds the search attributes that are missing, and returns their names. */
export async function ensureSearchAttributes(client: Client): Promise<string[]> {
  const { namespace } = client.options;
  const { operatorService } = client.connection;
  const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
  const missing = Object.entries(SEARCH_ATTRIBUTES).filter(([name]) => customAttributes[name] === undefined);
  if (missing.length === 0) return [];
  const names = missing.map(([name]) => name);
  try {
    await operatorService.addSearchAttributes({ namespace, searchAttributes: Object.fromEntries(missing) });
  } catch (error) {
    if (!isGrpcServiceError(error)) throw error;
    // Another apply was first.
    if (Number(error.code) !== ALREADY_EXISTS) {
      throw new Error(
        `search attributes ${names.join(', ')} are missing in namespace ${namespace} and cannot be added (${error.details}). ` +
          'On Temporal Cloud add them in its settings: keywords, NextActionAt a datetime',
        { cause: error },
      );
    }
  }
  return names;
}

/** Whether all of them are there: a workflow that sets one which is not would stop. */
export async function hasSearchAttributes(client: Client): Promise<boolean> {
  const { namespace } = client.options;
  const { customAttributes } = await client.connection.operatorService.listSearchAttributes({ namespace });
  return Object.keys(SEARCH_ATTRIBUTES).every((name) => customAttributes[name] !== undefined);
}

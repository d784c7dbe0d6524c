import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, inject } from 'vitest';
import { newNamespace } from '../support/namespace.ts';
import type { TestNamespace } from '../support/namespace.ts';

/** A namespace of its own for the file that calls this, so that files may run side by side on one server. */
export function useNamespace(): TestNamespace {
  const given = {} as TestNamespace;
  let connection: Connection | undefined;
  beforeAll(async () => {
    connection = await Connection.connect({ address: inject('temporalAddress') });
    Object.assign(given, await newNamespace(connection));
  });
  afterAll(() => connection?.close());
  return given;
}

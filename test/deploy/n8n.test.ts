/** The two flows that forward the owner's old URLs: imported into n8n, they call routes that exist, and hold no token. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const folder = path.resolve(import.meta.dirname, '../../ops/n8n');

interface Node {
  id: string;
  name: string;
  type: string;
  typeVersion: number;
  position: [number, number];
  parameters: Record<string, unknown>;
  credentials?: Record<string, { id: string; name: string }>;
}
interface Flow {
  nodes: Node[];
  connections: Record<string, { main: { node: string }[][] }>;
  active: boolean;
}

it('are the two of the manual tests', () => {
  expect(readdirSync(folder).sort()).toEqual(['backup-manual.json', 'test-load.json']);
});

describe.each(['backup-manual', 'test-load'])('ops/n8n/%s.json', (route) => {
  const text = readFileSync(path.join(folder, `${route}.json`), 'utf8');
  const flow = JSON.parse(text) as Flow;
  const node = (type: string): Node => {
    const found = flow.nodes.filter((candidate) => candidate.type === `n8n-nodes-base.${type}`);
    expect(found).toHaveLength(1);
    return found[0] as Node;
  };

  it('takes the old URL, calls ours with the token of a credential, and gives back its answer', () => {
    expect(node('webhook').parameters).toMatchObject({
      ...{ httpMethod: 'POST', path: route, responseMode: 'responseNode' },
    });
    const call = node('httpRequest');
    expect(call.parameters).toMatchObject({ method: 'POST', genericAuthType: 'httpHeaderAuth' });
    expect(call.parameters['url']).toBe(`https://talos.example.com/webhook/${route}`);
    expect(call.credentials).toHaveProperty('httpHeaderAuth.name');
    expect(node('respondToWebhook').parameters).toMatchObject({ respondWith: 'json' });
    // Named in src/http.
    const routes = readFileSync(path.resolve(folder, '../../src/http/app.ts'), 'utf8');
    expect(routes).toContain(`POST /webhook/${route}`);
  });

  it('connects its nodes in one line, from the old URL to the answer', () => {
    const names = flow.nodes.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    const next = names.map((name) => flow.connections[name]?.main[0]?.[0]?.node);
    expect(next).toEqual([...names.slice(1), undefined]);
    expect(flow.active).toBe(false);
  });

  it('holds no token', () => {
    expect(text).not.toMatch(/bearer|token/i);
  });
});

it('a repeated execution of n8n starts no second backup', () => {
  const text = readFileSync(path.join(folder, 'backup-manual.json'), 'utf8');
  expect(text).toContain('"Idempotency-Key"');
});

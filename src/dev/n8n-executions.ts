import { readJson, writeWhole } from './state.ts';

export interface N8nWorkflow {
  id: string;
  name: string;
  active: boolean;
  createdAt: string;
  updatedAt: string;
  nodes: unknown[];
  connections: object;
  settings: object;
  tags: unknown[];
}

export interface N8nExecution {
  id: number;
  finished: boolean;
  mode: 'trigger' | 'webhook';
  retryOf: null;
  retrySuccessId: null;
  status: 'success' | 'error';
  startedAt: string;
  stoppedAt: string;
  workflowId: string;
  waitTill: null;
}

const DAY_MS = 86_400_000;
const DAYS = 60;
const NAMES = ['Relance devis', 'Synchronisation CRM', 'Nouveau lead → Slack', 'Export comptable'];
/** Every so many executions one has failed. */
const FAILS_EVERY = 40;

export function demoWorkflows(now: Date): N8nWorkflow[] {
  return NAMES.map((name, index) => ({
    id: `demoWorkflow000${index + 1}`,
    name,
    // The last one is switched off, as one finds it in every real installation.
    active: index < NAMES.length - 1,
    createdAt: new Date(now.getTime() - 300 * DAY_MS).toISOString(),
    updatedAt: new Date(now.getTime() - 30 * DAY_MS).toISOString(),
    nodes: [],
    connections: {},
    settings: { executionOrder: 'v1' },
    tags: [],
  }));
}

/** Two months of executions, newest first as n8n lists them; what a caller deleted stays deleted. */
export class Executions {
  readonly #file: string;
  #all: N8nExecution[];

  constructor(file: string, now: Date) {
    this.#file = file;
    this.#all = readJson<N8nExecution[]>(file) ?? seed(now);
  }

  list(matches: (execution: N8nExecution) => boolean): N8nExecution[] {
    return this.#all.filter(matches);
  }

  remove(id: number): N8nExecution | undefined {
    const found = this.#all.find((execution) => execution.id === id);
    this.#all = this.#all.filter((execution) => execution !== found);
    if (found) writeWhole(this.#file, this.#all);
    return found;
  }
}

function seed(now: Date): N8nExecution[] {
  const workflows = demoWorkflows(now).filter(({ active }) => active);
  const perDay = 2 * workflows.length;
  return Array.from({ length: DAYS * perDay }, (_, index): N8nExecution => {
    const started = now.getTime() - Math.round(((index + 0.5) * DAY_MS) / perDay);
    const failed = index % FAILS_EVERY === FAILS_EVERY - 1;
    return {
      id: DAYS * perDay - index,
      finished: !failed,
      mode: index % 3 === 0 ? 'webhook' : 'trigger',
      retryOf: null,
      retrySuccessId: null,
      status: failed ? 'error' : 'success',
      startedAt: new Date(started).toISOString(),
      stoppedAt: new Date(started + 400 + ((index * 137) % 2000)).toISOString(),
      workflowId: workflows[index % workflows.length]?.id ?? '',
      waitTill: null,
    };
  });
}

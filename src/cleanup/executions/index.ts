/** n8n's old executions, through its API or, where so configured, directly in its database. */
export { createExecutionSource } from './api.ts';
export { createExecutionTableSource } from './table.ts';

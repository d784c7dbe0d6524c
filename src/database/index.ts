export { AdapterError } from './adapter.ts';
export { applyDatabase } from './apply.ts';
export type { ApplyOptions, ApplyReport } from './apply.ts';
export { checkContract } from './contract.ts';
export type { ContractMistake } from './contract.ts';
export { databaseId } from './identity.ts';
export { pendingMigrations } from './pending.ts';
export { databasePath } from './files.ts';

export { AdapterError } from './adapter.ts';
export { applyDatabase } from './apply.ts';
export type { ApplyOptions, ApplyReport } from './apply.ts';
export { qualified, quote, readCatalogue } from './catalogue.ts';
export type { Catalogue, CatalogueColumn, CatalogueTable, ForeignKey } from './catalogue.ts';
export { checkContract } from './contract.ts';
export type { ContractMistake } from './contract.ts';
export {
  accountLink,
  draftAdapter,
  guessTable,
  PEOPLE_COLUMNS,
  readTables,
  shortName,
} from './draft/index.ts';
export type { Draft } from './draft/index.ts';
export { databaseId } from './identity.ts';
export { pendingMigrations } from './pending.ts';
export { databasePath } from './files.ts';

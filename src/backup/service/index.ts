/** The service's files in the daily set: nginx, environment files, n8n. */
export { serviceArchive, type ServiceArchive, type ServiceFacts, type ServiceOptions } from './archive.ts';
export type { ArchiveFacts } from './archive-writer.ts';
export { readArchive } from './read.ts';
export { serviceSources, type ServicePolicy } from './settings.ts';

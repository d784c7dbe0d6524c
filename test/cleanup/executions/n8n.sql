-- n8n's own tables around executions, as its migrations of 2026-08 leave them in PostgreSQL; the columns of other tables
-- that nothing here looks at are left out. Names may have a prefix (DB_TABLE_PREFIX): it stands for "p_".
create table "p_workflow_entity" (id varchar(36) primary key, name varchar(128) not null, active boolean not null);

create table "p_execution_entity" (
  id serial constraint "pk_p_e3e63bbf986767844bbe1166d4e" primary key,
  finished boolean not null,
  mode varchar not null,
  "retryOf" varchar,
  "retrySuccessId" varchar,
  "startedAt" timestamptz(3),
  "stoppedAt" timestamptz(3),
  "waitTill" timestamptz(3),
  status varchar not null,
  "workflowId" varchar(36) not null
    constraint "fk_p_execution_entity_workflow_id" references "p_workflow_entity" (id) on delete cascade,
  "deletedAt" timestamptz(3),
  "createdAt" timestamptz(3) not null default current_timestamp(3),
  "storedAt" varchar(2) not null default 'db'
    constraint "CHK_p_execution_entity_storedAt" check ("storedAt" in ('db', 'fs', 's3', 'az')),
  "tracingContext" json,
  "deduplicationKey" varchar(255),
  "jsonSizeBytes" bigint not null default 0,
  "workflowVersionId" varchar(36),
  "usedPrivateCredentials" boolean not null default false,
  "binaryDataSizeBytes" bigint not null default 0
);
create unique index "IDX_p_execution_entity_deduplicationKey" on "p_execution_entity" ("deduplicationKey")
  where "deduplicationKey" is not null;
create index "IDX_p_execution_entity_deletedAt" on "p_execution_entity" ("deletedAt");
create index "IDX_p_execution_entity_workflowId_status_id" on "p_execution_entity" ("workflowId", status, id)
  where "deletedAt" is null;
create index "p_stopped_at_status_deleted_at" on "p_execution_entity" ("stoppedAt", status, "deletedAt")
  where "stoppedAt" is not null and "deletedAt" is null;
create index "p_wait_till_status_deleted_at" on "p_execution_entity" ("waitTill", status, "deletedAt")
  where "waitTill" is not null and "deletedAt" is null;
create index "p_workflow_id_started_at" on "p_execution_entity" ("workflowId", "startedAt")
  where "startedAt" is not null and "deletedAt" is null;

create table "p_execution_data" (
  "executionId" integer primary key references "p_execution_entity" (id) on delete cascade,
  "workflowData" json not null,
  data text not null,
  "workflowVersionId" varchar(36)
);
create table "p_execution_metadata" (
  id serial primary key,
  "executionId" integer not null references "p_execution_entity" (id) on delete cascade,
  key varchar(255) not null,
  value text not null
);
create table "p_execution_annotations" (
  id serial primary key,
  "executionId" integer not null unique references "p_execution_entity" (id) on delete cascade,
  vote varchar(6),
  note text
);
create table "p_execution_annotation_tags" (
  "annotationId" integer not null references "p_execution_annotations" (id) on delete cascade,
  "tagId" varchar(24) not null,
  primary key ("annotationId", "tagId")
);
create table "p_test_case_execution" (
  id varchar(36) primary key,
  "executionId" integer references "p_execution_entity" (id) on delete set null
);
create table "p_chat_hub_messages" (
  id uuid primary key,
  "executionId" integer references "p_execution_entity" (id) on delete set null
);

insert into "p_workflow_entity" values ('fwXjcUJ2mJTEhUVK', 'Relance devis', true);

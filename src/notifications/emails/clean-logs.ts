import type { CleanReportData, LogTableData } from '../clean-notices.ts';
import type { FR } from './clean-words-fr.ts';
import type { Context, DataTable } from './letter.ts';

/** Columns beside the day: more do not fit a phone. */
const LEVELS_SHOWN = 3;
const SHOWN = 5;
const DAY_MS = 86_400_000;

/** The week's logs in figures (LG3). */
export function logTablesOf({ logs }: CleanReportData, t: typeof FR, context: Context): DataTable[] {
  if (!logs || logs.tables.length === 0) return [];
  const { format } = context;
  // `to` is the first instant after the week.
  const last = new Date(Date.parse(logs.to) - DAY_MS / 2).toISOString();
  return [
    {
      title: t.volume(format.day(logs.from), format.day(last)),
      head: t.volumeHead,
      rows: logs.tables.map(({ table, rows, before, bytes, failure }) => ({
        cells: failure
          ? [table, '', '', '']
          : [table, format.number(rows), format.signed(rows - before), format.bytes(bytes)],
        code: true,
        notes: failure ? [t.unread(failure)] : [],
      })),
    },
    ...logs.tables.filter(({ rows }) => rows > 0).flatMap((table) => detailsOf(table, t, context)),
  ];
}

function detailsOf(table: LogTableData, t: typeof FR, { format, messageText }: Context): DataTable[] {
  const totals = new Map<string, number>();
  for (const { levels } of table.days)
    for (const [level, count] of Object.entries(levels)) totals.set(level, (totals.get(level) ?? 0) + count);
  const levels = [...totals.keys()]
    .sort((a, b) => (totals.get(b) ?? 0) - (totals.get(a) ?? 0))
    .slice(0, LEVELS_SHOWN);
  const days: DataTable = {
    title: t.levels(table.table),
    head: [t.day, ...levels.map((level) => level || t.noLevel), t.total],
    rows: table.days.map(({ day, levels: counts }) => ({
      cells: [
        format.day(day),
        ...levels.map((level) => format.number(counts[level] ?? 0)),
        format.number(Object.values(counts).reduce((sum, count) => sum + count, 0)),
      ],
    })),
  };
  const listed = (
    title: string,
    head: string,
    names: readonly [string, number][],
    note?: string,
  ): DataTable[] =>
    names.length === 0
      ? []
      : [
          {
            title,
            head: [head, t.linesHead],
            rows: names
              .slice(0, SHOWN)
              .map(([name, count]) => ({ cells: [name, format.number(count)], code: true })),
            note,
          },
        ];
  return [
    // Without levels the week's sum above says it.
    ...(totals.size > 1 ? [days] : []),
    ...listed(
      t.topSources(table.table),
      t.source,
      table.sources.flatMap(({ name, count }) => (name === '' ? [] : [[name, count]])),
    ),
    ...listed(
      t.topMessages(table.table),
      t.message,
      table.messages.map(({ name, count }) => [
        messageText?.(name) ?? t.unknownMessage(name.slice(0, 8)),
        count,
      ]),
      [
        t.normalNote,
        ...(table.messagesOf === undefined ? [] : [t.messagesNote(format.number(table.messagesOf))]),
      ].join(' '),
    ),
  ];
}

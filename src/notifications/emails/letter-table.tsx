import { Section } from '@react-email/components';
import { Fragment } from 'react';
import type { DataTable, TableRow } from './letter.ts';
import { block, body, note, Typed } from './parts.tsx';
import { COLOURS, MONO } from './style.ts';

/** A small table that fits a phone: a long name breaks, so that the numbers beside it never do. */
export const Table = ({ title, head, rows, note: meaning }: DataTable) => (
  <Section className="pad" style={block}>
    <table width="100%" cellPadding={0} cellSpacing={0} className="ink" style={table}>
      <caption className="ink" style={{ fontWeight: 700, textAlign: 'left', padding: '0 0 4px' }}>
        {title}
      </caption>
      <thead>
        <tr className="muted line" style={{ color: COLOURS.muted, fontSize: '14px', ...edge }}>
          {head.map((label, index) => (
            <th key={label} scope="col" style={{ ...cell(index), fontWeight: 400, whiteSpace: 'nowrap' }}>
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <Row key={row.cells[0]} row={row} last={index === rows.length - 1} />
        ))}
      </tbody>
    </table>
    {meaning !== undefined && (
      <p className="muted" style={{ ...note, margin: '8px 0 0' }}>
        {meaning}
      </p>
    )}
  </Section>
);

/** The line under a row is the row's own, not each cell's: half the size, and the mail stays small. */
function Row({ row: { cells, code = false, notes = [] }, last }: { row: TableRow; last: boolean }) {
  const [name, ...values] = cells;
  const under = (isLast: boolean) => (isLast && !last ? { className: 'line', style: edge } : {});
  return (
    <Fragment>
      <tr {...under(notes.length === 0)}>
        <th scope="row" style={{ ...cell(0), fontWeight: 400, ...(code ? mono : {}) }}>
          {name}
        </th>
        {values.map((value, index) => (
          <td key={index} style={{ ...cell(index + 1), whiteSpace: 'nowrap' }}>
            {value}
          </td>
        ))}
      </tr>
      {notes.map((line, index) => (
        <tr key={line} {...under(index === notes.length - 1)}>
          <td colSpan={cells.length} className="muted" style={{ ...note, padding: '0 0 7px' }}>
            <Typed>{line}</Typed>
          </td>
        </tr>
      ))}
    </Fragment>
  );
}

const table = {
  ...body,
  fontSize: '15px',
  lineHeight: '21px',
  borderCollapse: 'collapse',
} as const;
const edge = { borderBottom: `1px solid ${COLOURS.line}` };
/** A table's name is one long word; `word-break` beside `overflow-wrap`, as clients know the one or the other. */
const mono = {
  fontFamily: MONO,
  fontSize: '14px',
  wordBreak: 'break-word',
  overflowWrap: 'anywhere',
} as const;

/** The name takes what the numbers leave. */
const cell = (column: number) =>
  column === 0
    ? ({ padding: '7px 0', textAlign: 'left', width: '100%' } as const)
    : ({ padding: '7px 0 7px 12px', textAlign: 'right', verticalAlign: 'bottom' } as const);

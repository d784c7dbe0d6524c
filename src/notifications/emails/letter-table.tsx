import { Section } from '@react-email/components';
import { Fragment } from 'react';
import type { DataTable, TableRow } from './letter.ts';
import { body, note, Typed } from './parts.tsx';
import { COLOURS, MONO } from './style.ts';

/** In one section: eight of their own would cost a report 2 KB. */
export const Tables = ({ tables }: { tables: readonly DataTable[] }) => (
  <Section className="pad" style={{ padding: '0 28px' }}>
    {tables.map((table) => (
      <Table key={table.title} {...table} />
    ))}
  </Section>
);

/** A small table that fits a phone: a long name breaks, so that the numbers beside it never do. */
const Table = ({ title, head, rows, note: meaning }: DataTable) => (
  <>
    <table width="100%" cellPadding={4} cellSpacing={0} className="ink" style={table}>
      <caption style={{ fontWeight: 700, textAlign: 'left', padding: '20px 0 4px' }}>{title}</caption>
      <thead>
        <tr className="muted line" style={{ color: COLOURS.muted, fontSize: '14px', ...edge }}>
          {head.map((label, index) => (
            <th
              key={label}
              scope="col"
              className={index === 0 ? 'h' : 'n'}
              align={index === 0 ? 'left' : 'right'}
              style={index === 0 ? { width: '100%' } : undefined}
            >
              {label}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <Row key={index} row={row} last={index === rows.length - 1} />
        ))}
      </tbody>
    </table>
    {meaning !== undefined && (
      <p className="muted" style={{ ...note, margin: '8px 0 0' }}>
        {meaning}
      </p>
    )}
  </>
);

/**
 * The classes stand in `style.ts`, once: a report has hundreds of cells. Where a client drops them, attributes still
 * keep numbers at the right and apart.
 */
function Row({ row: { cells, code = false, notes = [] }, last }: { row: TableRow; last: boolean }) {
  const [name, ...values] = cells;
  const under = (isLast: boolean) => (isLast && !last ? { className: 'r' } : {});
  return (
    <Fragment>
      <tr {...under(notes.length === 0)}>
        <th scope="row" className="h" align="left" style={code ? mono : undefined}>
          {name}
        </th>
        {values.map((value, index) => (
          <td key={index} className="n" align="right">
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

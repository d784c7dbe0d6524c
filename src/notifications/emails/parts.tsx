import { Button, Heading, Img, Section } from '@react-email/components';
import { WIDTH } from '../charts/frame.ts';
import type { Fact, Figure, Letter } from './letter.ts';
import { COLOURS, MONO, TONES } from './style.ts';

export const body = { fontSize: '16px', lineHeight: '24px', color: COLOURS.ink, margin: '0' };
export const note = { fontSize: '14px', lineHeight: '20px', color: COLOURS.muted, margin: '0' };
export const block = { padding: '20px 28px 0' };

export const Title = ({ children }: { children: string }) => (
  <Heading as="h2" className="ink" style={{ ...body, fontSize: '15px', fontWeight: 700, margin: '0 0 8px' }}>
    {children}
  </Heading>
);

/** The first thing read: sign, word and sentence; the colour only repeats them. */
export function Verdict({ tone, sign, word, line }: Letter['verdict']) {
  const { ink, ground } = TONES[tone];
  return (
    <Section className={tone} style={{ background: ground, borderTop: `4px solid ${ink}` }}>
      <Section className="pad" style={{ padding: '22px 28px' }}>
        <Heading
          as="h1"
          className={`${tone}-ink`}
          style={{ fontSize: '24px', lineHeight: '30px', fontWeight: 700, color: ink, margin: '0 0 6px' }}
        >
          {sign !== '' && <span aria-hidden="true">{sign} </span>}
          {word}
        </Heading>
        <p className="ink" style={body}>
          {line}
        </p>
      </Section>
    </Section>
  );
}

export const Paragraph = ({ children }: { children: string }) => (
  <Section className="pad" style={block}>
    <p className="ink" style={body}>
      {children}
    </p>
  </Section>
);

/** Three beside each other, two on a phone: inline blocks wrap where media queries are not honoured. */
export const Figures = ({ figures }: { figures: readonly Figure[] }) => (
  <Section className="pad" style={{ padding: '22px 28px 0' }}>
    {figures.map((figure) => (
      <div key={figure.label} className="tile" style={tile}>
        <p className="muted" style={note}>
          {figure.label}
        </p>
        <p className="ink" style={{ ...body, fontSize: '22px', lineHeight: '30px', fontWeight: 700 }}>
          {figure.value}
        </p>
        {figure.note !== undefined && (
          <p className="muted" style={note}>
            {figure.note}
          </p>
        )}
        {figure.more?.map((line) => (
          <p key={line} className="muted" style={note}>
            {line}
          </p>
        ))}
      </div>
    ))}
  </Section>
);

const tile = {
  display: 'inline-block',
  width: '33.3%',
  minWidth: '138px',
  verticalAlign: 'top',
  boxSizing: 'border-box',
  padding: '0 12px 14px 0',
} as const;

export const code = {
  fontFamily: MONO,
  fontSize: '14px',
  lineHeight: '21px',
  color: COLOURS.ink,
  overflowWrap: 'anywhere',
} as const;

const codeBox = {
  ...code,
  background: COLOURS.code,
  border: `1px solid ${COLOURS.line}`,
  borderRadius: '6px',
  padding: '10px 12px',
  margin: '0',
} as const;

export const Findings = ({ title, items, note: meaning }: NonNullable<Letter['findings']>) => (
  <Section className="pad" style={block}>
    <Title>{title}</Title>
    {meaning !== undefined && (
      <p className="ink" style={{ ...body, fontSize: '15px', lineHeight: '22px', margin: '0 0 8px' }}>
        <Typed>{meaning}</Typed>
      </p>
    )}
    <div className="code" style={codeBox}>
      {items.map((item, index) => (
        <div key={item} style={index === 0 ? undefined : { marginTop: '6px' }}>
          {item}
        </div>
      ))}
    </div>
  </Section>
);

/** A line may break at spaces, but not between the two hyphens of an option. */
export const Command = ({ children }: { children: string }) =>
  children.split(/(--[a-z-]+)/).map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <span key={part} style={{ whiteSpace: 'nowrap' }}>
        {part}
      </span>
    ),
  );

/** Backquotes mark what is typed as it stands. */
export const Typed = ({ children }: { children: string }) =>
  children.split('`').map((part, index) =>
    index % 2 === 0 ? (
      part
    ) : (
      <code key={part} style={{ fontFamily: MONO, fontSize: '14px' }}>
        <Command>{part}</Command>
      </code>
    ),
  );

export const Steps = ({ title, items }: NonNullable<Letter['steps']>) => (
  <Section className="pad" style={block}>
    <Title>{title}</Title>
    <ol className="ink" style={{ ...body, padding: '0 0 0 22px' }}>
      {items.map((item) => (
        <li key={item} style={{ margin: '0 0 6px', overflowWrap: 'anywhere' }}>
          <Typed>{item}</Typed>
        </li>
      ))}
    </ol>
  </Section>
);

export const CommandLine = ({ title, line, note: help }: NonNullable<Letter['command']>) => (
  <Section className="pad" style={block}>
    <Title>{title}</Title>
    <div className="code" style={codeBox}>
      <Command>{line}</Command>
    </div>
    {help !== undefined && (
      <p className="muted" style={{ ...note, margin: '8px 0 0' }}>
        {help}
      </p>
    )}
  </Section>
);

/** Large enough for a thumb; filled, so that it is not taken for a second link. */
export const ActionButton = ({ label, href, note: meaning }: NonNullable<Letter['action']>) => (
  <Section className="pad" style={block}>
    <Button
      href={href}
      className="action"
      style={{
        background: COLOURS.link,
        borderRadius: '8px',
        color: '#ffffff',
        fontSize: '17px',
        fontWeight: 700,
        padding: '14px 22px',
      }}
    >
      {label}
    </Button>
    {meaning !== undefined && (
      <p className="muted" style={{ ...note, margin: '8px 0 0' }}>
        {meaning}
      </p>
    )}
  </Section>
);

export const OpenLink = ({ label, href }: NonNullable<Letter['link']>) => (
  <Section className="pad" style={{ padding: '22px 28px 0' }}>
    <Button
      href={href}
      className="button"
      style={{
        border: `1px solid ${COLOURS.muted}`,
        borderRadius: '6px',
        color: COLOURS.ink,
        fontSize: '15px',
        fontWeight: 600,
        padding: '10px 16px',
      }}
    >
      {label}
    </Button>
  </Section>
);

/** The picture lies in the mail itself: nothing is fetched, and nobody learns that it was read. */
export const ChartPicture = ({ name, title, alt }: NonNullable<Letter['pictures']>[number]) => (
  <Section className="pad" style={block}>
    <Title>{title}</Title>
    <Img
      src={`cid:${name}`}
      alt={alt}
      width={WIDTH}
      style={{ ...note, width: '100%', maxWidth: `${WIDTH}px`, height: 'auto' }}
    />
  </Section>
);

/** A data table: a caption, and each row's name as its heading. */
export const Facts = ({ title, rows }: { title: string; rows: readonly Fact[] }) => (
  <Section className="pad" style={{ padding: '24px 28px 18px' }}>
    <table width="100%" cellPadding={0} cellSpacing={0} style={{ borderCollapse: 'collapse' }}>
      <caption className="ink" style={{ ...body, fontSize: '15px', fontWeight: 700, textAlign: 'left' }}>
        {title}
      </caption>
      <tbody>
        {rows.map((row, index) => (
          <tr key={row.label}>
            <th scope="row" className="muted line" style={{ ...cellOf(index, rows), ...note, ...label }}>
              {row.label}
            </th>
            <td className="ink line" style={{ ...cellOf(index, rows), ...(row.code ? code : value) }}>
              {row.value}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </Section>
);

const value = { ...body, fontSize: '15px', lineHeight: '21px' };
const label = { lineHeight: '21px', width: '32%', fontWeight: 400 };

const cellOf = (index: number, rows: readonly Fact[]) =>
  ({
    borderBottom: index === rows.length - 1 ? undefined : `1px solid ${COLOURS.line}`,
    padding: '8px 12px 8px 0',
    textAlign: 'left',
    verticalAlign: 'top',
  }) as const;

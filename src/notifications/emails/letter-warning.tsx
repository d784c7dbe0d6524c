import { Section } from '@react-email/components';
import type { Warning } from './letter.ts';
import { body, code, Typed } from './parts.tsx';
import { TONES } from './style.ts';

const { ink, ground } = TONES.warn;
const line = { ...body, fontSize: '15px', lineHeight: '22px' };

/** A box of its own colour under the verdict: what is wrong, what the program says, what to do. */
export const WarningBox = ({ title, text, items = [], todo }: Warning) => (
  <Section className="pad" style={{ padding: '16px 28px 0' }}>
    <div
      className="warn warn-edge"
      style={{ background: ground, borderLeft: `4px solid ${ink}`, padding: '12px 14px' }}
    >
      <p className="warn-ink" style={{ ...line, fontSize: '16px', fontWeight: 700, color: ink }}>
        {title}
      </p>
      {text !== undefined && (
        <p className="ink" style={{ ...line, margin: '4px 0 0' }}>
          {text}
        </p>
      )}
      {items.length > 0 && (
        <div className="ink" style={code}>
          {items.map((item) => (
            <div key={item} style={{ marginTop: '6px' }}>
              {item}
            </div>
          ))}
        </div>
      )}
      {todo.map((sentence) => (
        <p key={sentence} className="ink" style={{ ...line, margin: '8px 0 0', overflowWrap: 'anywhere' }}>
          <Typed>{sentence}</Typed>
        </p>
      ))}
    </div>
  </Section>
);

import { Link, Section } from '@react-email/components';
import { render } from '@react-email/render';
import { REACT_COMMENT } from '../emails/html.tsx';
import type { Locale } from '../format.ts';
import { Layout } from '../emails/layout.tsx';
import { ActionButton, block, body, note, Paragraph, Title } from '../emails/parts.tsx';
import { COLOURS, MONO } from '../emails/style.ts';
import type { CustomerLetter, CustomerOffer } from './letter.ts';

/** The HTML of a customer's letter; `letter-text.ts` says the same without a form. */
export async function customerHtml(letter: CustomerLetter, brand: string, locale: Locale): Promise<string> {
  const html = await render(<CustomerMail letter={letter} brand={brand} locale={locale} />);
  return html.replace(REACT_COMMENT, '');
}

function CustomerMail({ letter, brand, locale }: { letter: CustomerLetter; brand: string; locale: Locale }) {
  const { subject, preheader, greeting, title, action, offer, after = [], unsubscribe } = letter;
  return (
    <Layout
      locale={locale}
      title={subject}
      preheader={preheader}
      brand={brand}
      footer={
        <>
          {letter.reason}
          {unsubscribe && (
            <>
              {' '}
              <Link
                href={unsubscribe.href}
                className="muted"
                style={{ color: COLOURS.muted, textDecoration: 'underline' }}
              >
                {unsubscribe.label}
              </Link>
            </>
          )}
        </>
      }
    >
      <Section className="pad" style={{ padding: '26px 28px 0' }}>
        <h1 className="ink" style={{ ...body, fontSize: '24px', lineHeight: '30px', fontWeight: 700 }}>
          {title}
        </h1>
      </Section>
      {[greeting, ...letter.paragraphs].map((paragraph) => (
        <Paragraph key={paragraph}>{paragraph}</Paragraph>
      ))}
      {action && <ActionButton {...action} />}
      {offer && <Offer {...offer} />}
      {after.map((paragraph) => (
        <Paragraph key={paragraph}>{paragraph}</Paragraph>
      ))}
      <Section className="pad" style={{ padding: '20px 28px 26px' }}>
        <p className="ink" style={body}>
          {letter.signature}
        </p>
      </Section>
    </Layout>
  );
}

const Offer = ({ title, text, codeLabel, code, until }: CustomerOffer) => (
  <Section className="pad" style={block}>
    <Section className="plain" style={{ background: '#eef3fe', borderRadius: '8px' }}>
      <Section style={{ padding: '18px 20px' }}>
        <Title>{title}</Title>
        <p className="ink" style={body}>
          {text}
        </p>
        <p className="muted" style={{ ...note, margin: '12px 0 2px' }}>
          {codeLabel}
        </p>
        <p className="ink" style={{ ...body, fontFamily: MONO, fontSize: '19px', fontWeight: 700 }}>
          {code}
        </p>
        <p className="muted" style={{ ...note, margin: '8px 0 0' }}>
          {until}
        </p>
      </Section>
    </Section>
  </Section>
);

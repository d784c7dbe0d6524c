import type { ReactNode } from 'react';
import { Body, Container, Head, Html, Section, Text } from '@react-email/components';
import type { Locale } from '../format.ts';
import { Typed } from './parts.tsx';
import { COLOURS, FONT, STYLESHEET } from './style.ts';

interface LayoutProps {
  locale: Locale;
  title: string;
  preheader: string;
  /** Who speaks. */
  brand?: string;
  /** The gist in the other language, after everything else. */
  other?: { locale: Locale; text: string };
  footer: ReactNode;
  children: ReactNode;
}

/** The frame of every mail: language, preheader, light and dark, at most 600 px, nothing under 14 px. */
export function Layout({
  locale,
  title,
  preheader,
  brand = 'TalosPrimes Maintenance',
  other,
  footer,
  children,
}: LayoutProps) {
  return (
    <Html lang={locale} dir="ltr">
      <Head>
        <title>{title}</title>
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <meta name="supported-color-schemes" content="light dark" />
        <style>{STYLESHEET}</style>
      </Head>
      <Preheader>{preheader}</Preheader>
      <Body className="page" style={{ margin: 0, padding: 0, fontFamily: FONT }}>
        {/* Body sets its style on a cell inside it, which a class cannot reach: the ground is ours. */}
        <Section className="page" style={{ background: COLOURS.page }}>
          <Container style={{ maxWidth: '600px', width: '100%', margin: '0 auto', padding: '24px 12px' }}>
            <Text
              className="muted"
              style={{ ...small, margin: '0 0 12px', padding: '0 4px', fontWeight: 600 }}
            >
              {brand}
            </Text>
            <Section className="card" style={card}>
              {children}
            </Section>
            {other && (
              <Text
                lang={other.locale}
                className="muted"
                style={{ ...small, margin: '20px 0 0', padding: '0 4px' }}
              >
                <Typed>{other.text}</Typed>
              </Text>
            )}
            <Text className="muted" style={{ ...small, margin: '16px 0 0', padding: '0 4px' }}>
              {footer}
            </Text>
          </Container>
        </Section>
      </Body>
    </Html>
  );
}

/** Inboxes show about so many characters beside the subject. */
const SHOWN = 150;

/** Followed by what cannot be seen, so that an inbox does not go on with the text below; React Email's takes 2 KB. */
const Preheader = ({ children }: { children: string }) => (
  <div style={hidden} data-skip-in-text={true}>
    {children}
    <div>{'\u00A0\u200C'.repeat(Math.max(0, SHOWN - children.length))}</div>
  </div>
);

const hidden = {
  ...{ display: 'none', overflow: 'hidden', lineHeight: '1px', opacity: 0, maxHeight: 0, maxWidth: 0 },
} as const;

const small = { fontSize: '14px', lineHeight: '21px', color: COLOURS.muted };
const card = {
  background: COLOURS.card,
  border: `1px solid ${COLOURS.line}`,
  borderRadius: '10px',
  overflow: 'hidden',
};

/** Signed links: the one way in which a page is opened without a password. */
export { readLink, signLink, type LinkPurpose, type ReadLink, type SignedLink } from './signed-link.ts';
export { isToken, pageUrl, signToken } from './token.ts';

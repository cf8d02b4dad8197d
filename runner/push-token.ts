/**
 * Whether a message was pushed by the account that may: the signed token that Google puts beside it says for whom it is
 * meant and whose it is. It does not deal with what was pushed (server/triggers.ts).
 */

export interface PushAccount {
  /** As the subscription has it. */
  readonly audience: string;
  /** Of the service account that the subscription signs as. Others can have tokens of Google's for any audience. */
  readonly email: string;
}

/** Google's public keys, by their names. */
export type Certificates = Readonly<Record<string, string>>;

const ISSUERS = ['https://accounts.google.com', 'accounts.google.com'];

/** `certificates` in place of those that Google publishes. A token that cannot be checked is none. */
export function pushJudge(
  {audience, email}: PushAccount,
  certificates?: () => Promise<Certificates>,
): (token: string) => Promise<boolean> {
  return async token => {
    const client = await openClient();
    try {
      const known = certificates ?? (async () => (await client.getFederatedSignonCertsAsync()).certs);
      const ticket = await client.verifySignedJwtWithCertsAsync(token, await known(), audience, ISSUERS);
      const payload = ticket.getPayload();
      return payload?.email_verified === true && payload.email === email;
    } catch {
      return false;
    }
  };
}

/** It keeps Google's keys for as long as they hold. */
let opened: Promise<import('google-auth-library').OAuth2Client> | undefined;

function openClient(): Promise<import('google-auth-library').OAuth2Client> {
  opened ??= import('google-auth-library').then(({OAuth2Client}) => new OAuth2Client());
  return opened;
}

/**
 * The real client of BigQuery, pointed at a test server.
 * It does not deal with what the product sends (runner/bigquery-client.ts).
 */
import {BigQuery} from '@google-cloud/bigquery';
import {OAuth2Client} from 'google-auth-library';

/** With a token that nobody checks: without one the client would look for a metadata server. */
export function clientOf({url}: {readonly url: string}, projectId: string): BigQuery {
  const authClient = new OAuth2Client();
  authClient.setCredentials({access_token: 'test', expiry_date: Date.now() + 86_400_000});
  return new BigQuery({projectId, apiEndpoint: url, authClient});
}

/**
 * Requests to BigQuery's REST interface through Google's own client: it signs them, and tries again what it knows to be
 * passing. It does not deal with jobs, nor with what an error means. Nothing is loaded before the first request.
 */
import type {BigQuery} from '@google-cloud/bigquery';
import type {Credentials} from '../planner/pipeline.ts';
import {googleAuth} from './google-auth.ts';

const GOOGLES = 'https://bigquery.googleapis.com';

export interface ApiRequest {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** After `projects/PROJECT`, such as `/datasets/league_raw`. */
  readonly path: string;
  /** Another project than the client's. */
  readonly project?: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly body?: unknown;
}

export interface ClientOptions {
  readonly project: string;
  readonly location: string;
  /** Undefined: Google's own. */
  readonly endpoint: string | undefined;
  readonly credentials: Credentials;
  /** Absolute folder of the project, which the path of a key file starts from. */
  readonly root: string;
  /** Of the client's own repetitions; undefined: as it comes. */
  readonly retry?: {readonly maxRetryDelay: number; readonly maxRetries: number};
}

export class BigqueryClient {
  readonly project: string;
  readonly location: string;
  readonly endpoint: string;
  readonly #options: ClientOptions;
  #client: Promise<BigQuery> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.project = options.project;
    this.location = options.location;
    this.endpoint = (options.endpoint ?? GOOGLES).replace(/\/+$/, '');
  }

  /** The body of the answer, in the shape that Google's reference gives it. Throws what the client throws. */
  async request<T>({method = 'GET', path, project, query = {}, body}: ApiRequest): Promise<T> {
    this.#client ??= this.#open();
    const client = await this.#client;
    const asked = {
      method,
      uri: path,
      ...(project === undefined ? {} : {projectId: project}),
      qs: Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined)),
      ...(body === undefined ? {} : {json: body}),
    };
    return await new Promise<T>((resolve, reject) => {
      client.request(asked, (error: Error | null, answer: unknown) => {
        if (error !== null) reject(error);
        // The caller names the resource of the path; its fields are optional and are read as such.
        else resolve(answer as T);
      });
    });
  }

  async #open(): Promise<BigQuery> {
    const {project, location, credentials, endpoint, root, retry} = this.#options;
    // A client that could not be opened is opened anew by the next request.
    const authClient = await googleAuth(credentials, {endpoint, root}).catch((error: unknown) => {
      this.#client = undefined;
      throw error;
    });
    const {BigQuery} = await import('@google-cloud/bigquery');
    const client = new BigQuery({
      projectId: project,
      location,
      apiEndpoint: this.endpoint,
      authClient,
      userAgent: 'gameplan',
      ...(retry === undefined ? {} : {retryOptions: {autoRetry: true, ...retry}}),
    });
    // BIGQUERY_EMULATOR_HOST would replace it, and lose the path.
    client.baseUrl = `${this.endpoint}/bigquery/v2`;
    return client;
  }
}

/**
 * The errors of Cloud Storage's JSON API in the form that it gives them:
 * https://cloud.google.com/storage/docs/json_api/v1/status-codes
 */
export class ApiError extends Error {
  readonly status: number;
  readonly reason: string;
  readonly location: string | undefined;

  constructor(status: number, reason: string, message: string, location?: string) {
    super(message);
    this.status = status;
    this.reason = reason;
    this.location = location;
  }

  body(): object {
    const {status, reason, message, location} = this;
    const place = location === undefined ? {} : {locationType: 'header', location};
    return {error: {code: status, message, errors: [{message, domain: 'global', reason, ...place}]}};
  }
}

export const noBucket = () => new ApiError(404, 'notFound', 'The specified bucket does not exist.');
export const noObject = (bucket: string, name: string) =>
  new ApiError(404, 'notFound', `No such object: ${bucket}/${name}`);
export const unmet = () =>
  new ApiError(
    412,
    'conditionNotMet',
    'At least one of the pre-conditions you specified did not hold.',
    'If-Match',
  );
export const unchanged = () => new ApiError(304, 'notModified', 'Not Modified');
export const unauthorized = () => new ApiError(401, 'authError', 'Invalid Credentials', 'Authorization');
export const denied = (permission: string) =>
  new ApiError(
    403,
    'forbidden',
    `Caller does not have ${permission} access. Permission '${permission}' denied on resource (or it may not exist).`,
  );
export const tooFast = (bucket: string, name: string) =>
  new ApiError(
    429,
    'rateLimitExceeded',
    `The object ${bucket}/${name} exceeded the rate limit for object mutation operations (create, update, and delete).`,
  );
export const invalid = (message: string) => new ApiError(400, 'invalid', message);

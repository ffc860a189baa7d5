/** A refusal of the API: its status and the `error` of its body, worded as in the original. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export const badRequestBody = (why: string): ApiError =>
  new ApiError(400, `bad request body: ${why}`);
export const missingField = (field: string): ApiError =>
  new ApiError(400, `missing required field: ${field}`);
export const invalidName = (name: string): ApiError =>
  new ApiError(400, `invalid name: no URL leads to ${JSON.stringify(name)}`);
export const invalidStream = (): ApiError =>
  new ApiError(400, "stream was invalid, can be either upstream or downstream");
export const invalidToxicType = (): ApiError => new ApiError(400, "invalid toxic type");
export const proxyNotFound = (): ApiError => new ApiError(404, "proxy not found");
export const toxicNotFound = (): ApiError => new ApiError(404, "toxic not found");
export const proxyAlreadyExists = (): ApiError => new ApiError(409, "proxy already exists");
export const toxicAlreadyExists = (): ApiError => new ApiError(409, "toxic already exists");

// What can be wrong. Each kind leads to a verdict, so kinds are told apart and never guessed from words.

/** Something is not what the publisher signed. */
export class Forged extends Error {
  constructor(what) {
    super(what);
    this.what = [what];
  }
}

/** Several findings of that kind. */
export class AllForged extends Forged {
  constructor(findings) {
    super(findings[0]);
    this.what = findings;
  }
}

/** Not enough could be read to tell. */
export class Unreachable extends Error {}

/** Why a file could not be had: `not_found`, `too_large`, or `unreachable`. */
export class FetchError extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }

  static notFound() {
    return new FetchError("not_found", "the mirror does not have it");
  }

  static tooLarge(limit) {
    return new FetchError("too_large", `it is longer than ${limit} bytes`);
  }
}

/** Metadata that breaks a rule of TUF. `kind` is `malformed`, `threshold`, `rollback`, `equal` or `integrity`. */
export class Refused extends Error {
  constructor(kind, message) {
    super(message);
    this.kind = kind;
  }
}

export const malformed = (why) => new Refused("malformed", `malformed metadata: ${why}`);

/** A profile that cannot be used. Names the file, the field, the value found and what is allowed there. */
export class ProfileError extends Error {
  readonly code = "profile.invalid";
  readonly file: string;

  constructor(file: string, what: string, options?: ErrorOptions) {
    super(`${file}: ${what}`, options);
    this.name = "ProfileError";
    this.file = file;
  }
}

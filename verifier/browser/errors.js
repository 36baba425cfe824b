// Errors of our own: what can be wrong with bytes that somebody handed over.

/** The input is not a value of the format: damaged, not canonical, or out of range. */
export class FormatError extends Error {}

/** A well-formed document of some other registry or profile. */
export class NotOurProfileError extends FormatError {}

/** Our profile, but with a version or a must-understand field that this code does not know. */
export class NewerFormatError extends FormatError {}

/** A signature that does not verify, or that no accepted key made. */
export class SignatureError extends Error {}

/** This engine cannot do what verification needs (no Ed25519, no inflate): nothing was judged. */
export class EngineError extends Error {}

// The version of the package, for everything that says who it is.

/** As `package.json` has it; a test compares them. */
export const VERSION = "0.1.0";

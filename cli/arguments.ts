// The library that reads command lines: the only file that imports `commander`.
export { Command, CommanderError, InvalidArgumentError, Option } from "commander";

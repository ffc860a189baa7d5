import { EnvironmentError, messageOf } from "../base/errors.ts";

const REASONS: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full; free some space and repeat the run, what was recorded before is kept",
  EDQUOT: "the disk quota is used up; what was recorded before is kept",
  EACCES: "permission was denied; choose another folder with --output",
  EPERM: "permission was denied; choose another folder with --output",
  EROFS: "the file system is read-only; choose another folder with --output",
  ENOENT: "the folder does not exist (was it removed during the run?)",
  EEXIST: "something else has that name, or a part of the path",
  ENOTDIR: "a part of the path is a file, not a folder",
  EISDIR: "it is a folder; write the path of a file",
  EMFILE: "too many files are open; raise the limit with `ulimit -n`",
};

/** What the file system refused, as one sentence with what to do next. */
export function diskTrouble(error: unknown, verb: string, path: string): EnvironmentError {
  if (error instanceof EnvironmentError) return error;
  const code = (error as NodeJS.ErrnoException | null)?.code ?? "";
  return new EnvironmentError(`cannot ${verb} ${path}: ${REASONS[code] ?? messageOf(error)}`, {
    cause: error,
  });
}

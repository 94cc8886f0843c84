const MIB = 1024 ** 2;

/** For columns: `  142.9 MiB`. */
export function mebibytes(bytes: number): string {
  return `${(bytes / MIB).toFixed(1)} MiB`.padStart(11);
}

/**
 * Libraries that the kernel is itself (core/elf.cc, supplied_modules). libgcc_s is
 * not among them: the unwinder comes with the image.
 */
export const PROVIDED_BY_OSV: ReadonlySet<string> = new Set([
  'ld-linux-x86-64.so.2',
  'ld-musl-x86_64.so.1',
  'libaio.so.1',
  'libc.musl-x86_64.so.1',
  'libc.so.6',
  'libcrypt.so.1',
  'libdl.so.2',
  'libm.so.6',
  'libpthread.so.0',
  'libresolv.so.2',
  'librt.so.1',
  'libstdc++.so.6',
  'libutil.so',
  'libxenstore.so.3.0',
]);

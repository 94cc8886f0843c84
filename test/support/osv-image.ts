import { userCacheDir } from '../../src/cli/environment.ts';
import { cachedImages } from '../../src/cli/local-images.ts';

/** What tests of OSv boot: the image of this checkout, built once for the same sources. */
export const osvImage = cachedImages(userCacheDir(process.env), () => undefined);

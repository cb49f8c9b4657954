/**
 * For `node --import`: switches off that a service ends when it must not go on. It exists to show that the tests of the
 * ending can see that.
 */
import { registerHooks } from 'node:module';

const BLOWS = /isBlown = true;\s+resolve\(why\);/;

registerHooks({
  load: (url, context, nextLoad) => {
    const loaded = nextLoad(url, context);
    if (!url.endsWith('/src/service/store/engine/fuse.ts')) return loaded;
    const source = Buffer.from((loaded.source ?? '') as Uint8Array).toString();
    if (!BLOWS.test(source)) throw new Error('The fuse blows in other words: this switches nothing off.');
    return { ...loaded, source: source.replace(BLOWS, '') };
  },
});

#!/usr/bin/env node
// Plain old syntax (Node 8 parses it), so that an old Node gets a sentence instead of a syntax error.
'use strict';

/** How to run okpay on a Node that is new enough: a clone has one among its packages. */
function howToRun() {
  var clone = require('path').join(__dirname, '..');
  return require('fs').existsSync(clone + '/node_modules/node/package.json')
    ? 'npx okpay (in ' + clone + ')'
    : 'npx --package=node@24 --package=okpay okpay (or install Node.js 24 from https://nodejs.org)';
}

/** The two lines an old Node gets, or undefined when found (as in process.versions.node) is new enough. */
function tooOld(found) {
  var parts = found.split('.').map(Number);
  if (parts[0] > 24 || (parts[0] === 24 && parts[1] >= 15)) return undefined;
  return (
    'okpay needs Node.js 24.15 or newer; this is Node.js ' +
    found +
    ' (' +
    process.execPath +
    ').\n' +
    'Run it as: ' +
    howToRun() +
    '.\n'
  );
}

/** The folder OKpay may keep compiled code in: the same place as src/core/places.ts calls the cache. */
function cacheFolder(path, home) {
  var environment = process.env;
  if (environment.OKPAY_HOME) return path.resolve(environment.OKPAY_HOME, 'cache');
  if (process.platform === 'darwin') return path.join(home, 'Library', 'Caches', 'okpay');
  if (process.platform === 'win32') {
    return path.join(environment.LOCALAPPDATA || path.join(home, 'AppData', 'Local'), 'okpay', 'Cache');
  }
  return path.join(environment.XDG_CACHE_HOME || path.join(home, '.cache'), 'okpay');
}

/** Turns the compile cache on in a folder nobody else can write: code is run from it. Without one, okpay is only slower. */
function cacheCompiledCode() {
  try {
    var fs = process.getBuiltinModule('node:fs');
    var path = process.getBuiltinModule('node:path');
    var folder = path.join(cacheFolder(path, process.getBuiltinModule('node:os').homedir()), 'code');
    fs.mkdirSync(folder, { recursive: true, mode: 448 });
    var found = fs.lstatSync(folder);
    var mine = !process.getuid || (found.uid === process.getuid() && (found.mode & 63) === 0);
    if (found.isDirectory() && mine) process.getBuiltinModule('node:module').enableCompileCache(folder);
  } catch (_error) {
    // A read-only home is no reason not to run.
  }
}

/** The program: compiled where okpay is installed, TypeScript in a clone. */
function program() {
  var fs = process.getBuiltinModule('node:fs');
  var path = process.getBuiltinModule('node:path');
  var source = path.join(__dirname, '..', 'src', 'main.ts');
  return require(fs.existsSync(source) ? source : path.join(__dirname, '..', 'dist', 'main.js'));
}

function start(words) {
  var refusal = tooOld(process.versions.node);
  if (refusal) {
    process.stderr.write(refusal);
    process.exitCode = 1;
  } else if (words.length === 1 && /^(--version|-V|-v)$/.test(words[0])) {
    process.stdout.write(require('../package.json').version + '\n');
  } else {
    cacheCompiledCode();
    program().main(words);
  }
}

start(process.argv.slice(2));
